/* The gate: requests of strangers are dropped before the library answers anything.
 *
 * The library answers whoever asks (OPTIONS with 200, INVITE with 100 and whatever the program says). A stranger
 * shall not even learn that somebody is here, so this module stands before all others and passes on only what comes
 * from an address that sipd has named. Answers to requests of our own are no requests and pass.
 *
 * sipd runs the library on one thread and calls these functions from it; there is nothing to lock.
 */
#include <pjlib.h>
#include <pjsip.h>
#include <pjsua-lib/pjsua.h>

#define MOST_NETWORKS 64
#define MOST_STRANGERS 32

/* New calls a second that a peer may begin, and at once after a pause: 64 legs, the most there are, fill within two
 * seconds. Whoever sends more is no provider, or somebody in his name: each INVITE that the library sees is kept for the 32 s
 * of a transaction (RFC 3261, 17.2.1), which at 200 a second takes 55 MB.
 */
#define CALLS_PER_S 15
#define CALLS_AT_ONCE 40

typedef struct {
    int family;
    unsigned char address[16];
    unsigned bits;
    long calls; /* thousandths of calls that it may begin now */
    pj_time_val filled;
} network;

static network networks[MOST_NETWORKS];
static unsigned network_count;
static char strangers[MOST_STRANGERS][128];
static unsigned stranger_first, stranger_count;
static unsigned long dropped;
static int started;

static int inside(const network *one, const unsigned char *address)
{
    unsigned whole = one->bits / 8, rest = one->bits % 8;
    if (pj_memcmp(one->address, address, whole) != 0)
        return 0;
    if (!rest)
        return 1;
    return ((one->address[whole] ^ address[whole]) >> (8 - rest)) == 0;
}

/* What a peer may ask, but the library would promise more than the box does: 0 passes it on, otherwise the answer.
 *
 * A text (MESSAGE) would be answered with 200, and nobody ever reads it. 403: RFC 3428, clause 7, leaves the code to the
 * receiver, and 405 would have to list what is allowed, which the library believes MESSAGE to be.
 */
static int unwanted(const pjsip_rx_data *rdata)
{
    return pj_stricmp2(&rdata->msg_info.msg->line.req.method.name, "MESSAGE") == 0 ? PJSIP_SC_FORBIDDEN : 0;
}

/* Whether a call begins although its network began too many just now. */
static int hurried(network *one, const pjsip_rx_data *rdata)
{
    pj_time_val now, passed;

    if (rdata->msg_info.msg->line.req.method.id != PJSIP_INVITE_METHOD)
        return 0;
    if (rdata->msg_info.to && rdata->msg_info.to->tag.slen)
        return 0; /* within a call */
    pj_gettickcount(&now);
    passed = now;
    PJ_TIME_VAL_SUB(passed, one->filled);
    one->filled = now;
    one->calls += PJ_MIN(PJ_TIME_VAL_MSEC(passed), 60000L) * CALLS_PER_S;
    one->calls = PJ_MIN(one->calls, CALLS_AT_ONCE * 1000L);
    if (one->calls < 1000)
        return 1;
    one->calls -= 1000;
    return 0;
}

static void remember(const pjsip_rx_data *rdata, const char *why)
{
    const pj_str_t *method = &rdata->msg_info.msg->line.req.method.name;

    if (stranger_count < MOST_STRANGERS)
        pj_ansi_snprintf(strangers[(stranger_first + stranger_count++) % MOST_STRANGERS], sizeof(strangers[0]),
                         "%.*s%s %s", (int)PJ_MIN(method->slen, 20), method->ptr, why, rdata->pkt_info.src_name);
}

static pj_bool_t on_request(pjsip_rx_data *rdata)
{
    static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    const pj_sockaddr *source = &rdata->pkt_info.src_addr;
    int family = source->addr.sa_family;
    const unsigned char *address = (const unsigned char *)pj_sockaddr_get_addr(source);
    unsigned at;
    int answer;

    if (family == pj_AF_INET6() && pj_memcmp(address, mapped, sizeof(mapped)) == 0) {
        family = pj_AF_INET();
        address += sizeof(mapped);
    }
    for (at = 0; at < network_count; ++at)
        if (networks[at].family == family && inside(&networks[at], address)) {
            answer = unwanted(rdata);
            if (!answer && hurried(&networks[at], rdata)) {
                ++dropped;
                remember(rdata, ":flood");
                /* By UDP a caller who is one asks again; an answer would only go to whoever's name is misused. */
                if (!(rdata->tp_info.transport->flag & PJSIP_TRANSPORT_RELIABLE))
                    return PJ_TRUE;
                answer = PJSIP_SC_SERVICE_UNAVAILABLE;
            }
            if (answer)
                pjsip_endpt_respond_stateless(pjsua_get_pjsip_endpt(), rdata, answer, NULL, NULL, NULL);
            return answer ? PJ_TRUE : PJ_FALSE;
        }
    ++dropped;
    remember(rdata, "");
    return PJ_TRUE;
}

static pjsip_module gate = {
    NULL, NULL, {(char *)"tipring-gate", 12}, -1, PJSIP_MOD_PRIORITY_TRANSPORT_LAYER - 4,
    NULL, NULL, NULL, NULL, &on_request, NULL, NULL, NULL, NULL,
};

/* Stand before the library, letting nobody in; 0 when it does. After libInit, before any transport. */
int tipring_gate_start(void)
{
    if (started)
        return 0;
    gate.id = -1;
    if (pjsip_endpt_register_module(pjsua_get_pjsip_endpt(), &gate) != PJ_SUCCESS)
        return -1;
    started = 1;
    return 0;
}

/* The library is about to end. */
void tipring_gate_stop(void)
{
    if (started)
        pjsip_endpt_unregister_module(pjsua_get_pjsip_endpt(), &gate);
    started = 0;
    network_count = stranger_count = 0;
}

/* Forget every network that may ask. */
void tipring_gate_clear(void)
{
    network_count = 0;
}

/* Let a network in: "192.0.2.1" with bits 32, "2001:db8::" with bits 64. 0 when it is understood. */
int tipring_gate_allow(const char *text, unsigned bits)
{
    pj_str_t name = pj_str((char *)text);
    network *one = &networks[network_count];
    int family = pj_strchr(&name, ':') ? pj_AF_INET6() : pj_AF_INET();

    if (network_count == MOST_NETWORKS || bits > (family == pj_AF_INET() ? 32u : 128u))
        return -1;
    if (pj_inet_pton(family, &name, one->address) != PJ_SUCCESS)
        return -1;
    one->family = family;
    one->bits = bits;
    one->calls = CALLS_AT_ONCE * 1000L;
    pj_gettickcount(&one->filled);
    ++network_count;
    return 0;
}

/* The next stranger as "METHOD address", a peer in too much haste as "INVITE:flood address"; 0 when there is none. */
int tipring_gate_next(char *text, unsigned size)
{
    if (!stranger_count)
        return 0;
    pj_ansi_snprintf(text, size, "%s", strangers[stranger_first]);
    stranger_first = (stranger_first + 1) % MOST_STRANGERS;
    --stranger_count;
    return 1;
}

/* Requests dropped so far. */
unsigned long tipring_gate_dropped(void)
{
    return dropped;
}
