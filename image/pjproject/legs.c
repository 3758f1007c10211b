/* Ports of legs on the bridge: a frame is copied to and from memory that sipd gives, and no Python runs for it.
 *
 * Through the library's Python face each leg costs two callbacks a frame, 38 us of processor each: with 64 legs that is
 * half a core. Here all legs of a frame are one call, the one that works the bridge.
 *
 * Every leg's port is there from the start of the library to its end, so that none can go away under the bridge; what
 * comes and goes are connections to calls, which the library ends with the call. sipd calls the functions here from the
 * thread of the library; the frames are moved on the thread that works the bridge, and nobody else looks at the memory then.
 */
#include <pjlib.h>
#include <pjmedia.h>
#include <pjsua-lib/pjsua.h>

#define MOST_LEGS 64
#define RATE_HZ 8000

typedef struct {
    pjmedia_port port;
    void *to_far;
    void *from_far;
    pj_size_t size;
} leg;

static pj_status_t give(pjmedia_port *port, pjmedia_frame *frame)
{
    const leg *one = (const leg *)port;

    pj_memcpy(frame->buf, one->to_far, one->size);
    frame->type = PJMEDIA_FRAME_TYPE_AUDIO;
    frame->size = one->size;
    return PJ_SUCCESS;
}

static pj_status_t take(pjmedia_port *port, pjmedia_frame *frame)
{
    const leg *one = (const leg *)port;

    if (frame->type == PJMEDIA_FRAME_TYPE_AUDIO && frame->size == one->size)
        pj_memcpy(one->from_far, frame->buf, one->size);
    else
        pj_bzero(one->from_far, one->size);
    return PJ_SUCCESS;
}

/* Put a leg on the bridge: its place there, -1 if there is none. After libStart; `samples` of 16 bits are a frame. */
int tipring_leg_place(int number, unsigned samples, void *to_far, void *from_far)
{
    char text[16];
    pj_str_t name;
    pj_pool_t *pool;
    leg *one;
    int place = -1;

    if (number < 1 || number > MOST_LEGS)
        return -1;
    pj_ansi_snprintf(text, sizeof(text), "sip/%d", number);
    pool = pjsua_pool_create(text, 1024, 1024);
    if (!pool)
        return -1;
    one = PJ_POOL_ZALLOC_T(pool, leg);
    pj_strdup2_with_null(pool, &name, text);
    one->to_far = to_far;
    one->from_far = from_far;
    one->size = samples * 2;
    pjmedia_port_info_init(&one->port.info, &name, PJMEDIA_SIG_CLASS_APP('L', 'E', 'G'), RATE_HZ, 1, 16, samples);
    one->port.get_frame = &give;
    one->port.put_frame = &take;
    if (pjsua_conf_add_port(pool, &one->port, &place) != PJ_SUCCESS) {
        pj_pool_release(pool);
        return -1;
    }
    return place; /* the pool lives as long as the library */
}

/* Let a leg and a call hear each other; 0 when they do, after the next frame. */
int tipring_leg_join(int place, int call)
{
    if (pjsua_conf_connect(place, call) != PJ_SUCCESS)
        return -1;
    return pjsua_conf_connect(call, place) == PJ_SUCCESS ? 0 : -1;
}
