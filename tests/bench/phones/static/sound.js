// Being at a party: its earpiece comes through the loudspeaker, the microphone becomes its mouth.
// Both directions are signed 16-bit samples at 8 kHz; two clocks never agree, so the earpiece
// keeps a small store and drops what piles up.

const RATE_HZ = 8000;
const CHUNK = 1280; // samples the microphone sends at a time: 160 ms
const RETRY_MS = 500;

export class Presence {
  constructor(tell) {
    this.tell = tell;
    this.card = null;
    this.stop = () => {};
  }

  toggle(card) {
    const leaving = this.card === card;
    this.leave();
    if (!leaving) this.arrive(card);
  }

  leave() {
    if (!this.card) return;
    this.stop();
    this.tell.told(this.card, "");
    this.card = null;
    this.tell.moved(null);
  }

  arrive(card) {
    this.card = card;
    this.tell.moved(card);
    const ended = new AbortController();
    const closing = [];
    this.stop = () => {
      ended.abort();
      for (const close of closing) close();
    };
    listen(card, ended.signal, closing, this.tell);
    speak(card, ended.signal, closing, this.tell);
  }
}

// --- the earpiece -------------------------------------------------------------------------------

async function listen(card, signal, closing, tell) {
  // The context runs at the telephone's rate: the browser's own resampler does the rest.
  const context = new AudioContext({ sampleRate: RATE_HZ, latencyHint: "interactive" });
  closing.push(() => context.close());
  await context.audioWorklet.addModule(new URL("earpiece.js", import.meta.url));
  if (signal.aborted) return;
  const node = new AudioWorkletNode(context, "earpiece", { outputChannelCount: [1] });
  node.connect(context.destination);
  context.resume();
  while (!signal.aborted) {
    try {
      await hear(await fetch(card.dataset.listen, { signal }), node, card, tell);
    } catch {
      if (signal.aborted) return;
    }
    tell.told(card, "sound-lost");
    await new Promise((again) => setTimeout(again, RETRY_MS));
  }
}

async function hear(answer, node, card, tell) {
  if (!answer.ok) throw new Error(String(answer.status));
  const reader = answer.body.getReader();
  let odd = new Uint8Array(0);
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const bytes = new Uint8Array(odd.length + value.length);
    bytes.set(odd);
    bytes.set(value, odd.length);
    const whole = bytes.length & ~1;
    odd = bytes.slice(whole);
    const view = new DataView(bytes.buffer, 0, whole);
    const samples = new Float32Array(whole / 2);
    let power = 0;
    for (let n = 0; n < samples.length; n += 1) {
      samples[n] = view.getInt16(2 * n, true) / 32768;
      power += samples[n] * samples[n];
    }
    if (!samples.length) continue;
    tell.heard(card, 10 * Math.log10(power / samples.length + 1e-9));
    node.port.postMessage(samples, [samples.buffer]);
  }
}

// --- the microphone -----------------------------------------------------------------------------

async function speak(card, signal, closing, tell) {
  tell.told(card, "mic-asking");
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true },
    });
  } catch {
    // Refused, missing, or the page is not open on the machine itself: one can still listen.
    if (!signal.aborted) tell.told(card, "mic-off");
    return;
  }
  const release = () => stream.getTracks().forEach((track) => track.stop());
  if (signal.aborted) {
    release();
    return;
  }
  const context = new AudioContext();
  closing.push(release, () => context.close());
  await context.audioWorklet.addModule(new URL("microphone.js", import.meta.url));
  if (signal.aborted) return;
  const node = new AudioWorkletNode(context, "microphone", {
    numberOfOutputs: 0,
    processorOptions: { rateHz: RATE_HZ, chunk: CHUNK },
  });
  context.createMediaStreamSource(stream).connect(node);
  tell.told(card, "mic-on");
  let last = Promise.resolve();
  let waiting = 0;
  node.port.onmessage = ({ data }) => {
    if (signal.aborted || waiting > 2) return; // a slow connection loses sound, not time
    waiting += 1;
    last = last
      .then(() => fetch(card.dataset.speak, { method: "POST", body: data, signal }))
      .catch(() => {})
      .finally(() => {
        waiting -= 1;
      });
  };
}
