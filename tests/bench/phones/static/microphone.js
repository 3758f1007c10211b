// Brings the microphone down to the telephone's rate: a windowed sinc, cut off at 3.6 kHz, read at
// whatever fraction of a sample the two rates ask for.
const TAPS = 32; // on each side, in steps of the output's sample
const STEPS = 64; // table entries per tap
const CUT = 0.9; // of half the output rate

class Microphone extends AudioWorkletProcessor {
  constructor({ processorOptions: { rateHz, chunk } }) {
    super();
    this.ratio = sampleRate / rateHz;
    this.half = Math.ceil(TAPS * Math.max(1, this.ratio) / 2);
    this.table = new Float32Array(this.half * STEPS + 2);
    const cut = CUT / Math.max(1, this.ratio);
    for (let n = 0; n < this.table.length; n += 1) {
      const x = n / STEPS;
      const angle = Math.PI * x * cut;
      const window = x < this.half ? 0.5 + 0.5 * Math.cos((Math.PI * x) / this.half) : 0;
      this.table[n] = cut * (angle === 0 ? 1 : Math.sin(angle) / angle) * window;
    }
    this.input = new Float32Array(0);
    this.at = this.half; // place of the next output in this.input
    this.chunk = new Int16Array(chunk);
    this.filled = 0;
  }

  process([[heard]]) {
    if (!heard) return true;
    const joined = new Float32Array(this.input.length + heard.length);
    joined.set(this.input);
    joined.set(heard, this.input.length);
    this.input = joined;
    while (this.at + this.half < joined.length) {
      let sum = 0;
      const first = Math.ceil(this.at - this.half);
      const last = Math.floor(this.at + this.half);
      for (let n = Math.max(0, first); n <= last; n += 1) {
        sum += joined[n] * this.table[Math.round(Math.abs(n - this.at) * STEPS)];
      }
      this.put(sum);
      this.at += this.ratio;
    }
    const spent = Math.max(0, Math.floor(this.at) - this.half);
    this.input = joined.slice(spent);
    this.at -= spent;
    return true;
  }

  put(sample) {
    this.chunk[this.filled] = Math.max(-1, Math.min(1, sample)) * 32767;
    this.filled += 1;
    if (this.filled === this.chunk.length) {
      this.port.postMessage(this.chunk.slice());
      this.filled = 0;
    }
  }
}
registerProcessor("microphone", Microphone);
