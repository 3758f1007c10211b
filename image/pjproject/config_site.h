/* What this product needs of pjproject, and nothing else. Each value has its reason beside it. */
#define PJMEDIA_HAS_VIDEO 0
#define PJSUA_HAS_VIDEO 0

/* Legs of the largest box (64) and four more, so that a flood of attempts leaves room to refuse and to call for help. */
#define PJSUA_MAX_CALLS 68
/* Trunks of the settings (8) and one account for calls to fixed peers that are being taken away. */
#define PJSUA_MAX_ACC 9

/* Sound comes from whom the signalling named, never from whoever sends first (RTP bleed). A trunk
   behind a symmetric NAT needs the provider to send where we send from; see README. */
#define PJMEDIA_TRANSPORT_SWITCH_REMOTE_ADDR 0

/* Connections and sound share one table of sockets: 64 of them would be taken by those who connect and say nothing.
   Below FD_SETSIZE and the unit's LimitNOFILE, both 1024. */
#define PJ_IOQUEUE_MAX_HANDLES 1000
/* Whoever connects (TCP, TLS) says his first whole message within so many seconds, or is let go. The library's own
   default is to wait for ever. */
#define PJSIP_TRANSPORT_SERVER_IDLE_TIME_FIRST 10

/* Answers to nobody's question: no server name, and no compact forms of ours to be recognised by. */
#define PJSIP_INCLUDE_ALLOW_HDR_IN_DLG 1

/* G.711 and G.722 are built in; Opus comes with Debian's library. */
#define PJMEDIA_HAS_G711_CODEC 1
#define PJMEDIA_HAS_G722_CODEC 1
/* A loud word must not make the rest of a call 6 dB quieter; sipd sets the level (G722_SHIFT). */
#define PJMEDIA_G722_STOP_PCM_SHIFT_ON_CLIPPING 0
#define PJMEDIA_HAS_SPEEX_CODEC 0
#define PJMEDIA_HAS_GSM_CODEC 0
#define PJMEDIA_HAS_ILBC_CODEC 0
#define PJMEDIA_HAS_L16_CODEC 0
#define PJMEDIA_HAS_G7221_CODEC 0

/* The lined block is 5 ms; frames of 10 ms are the shortest that all codecs above share. */
#define PJMEDIA_CODEC_MAX_SILENCE_PERIOD -1
