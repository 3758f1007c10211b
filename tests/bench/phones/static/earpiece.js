// Plays chunks in order. Begins when a little is stored, and drops the oldest when much is.
const BEGIN = 1200; // samples: 150 ms, more than one chunk of the town
const MOST = 4000; // 500 ms

class Earpiece extends AudioWorkletProcessor {
  constructor() {
    super();
    this.chunks = [];
    this.at = 0;
    this.stored = 0;
    this.playing = false;
    this.port.onmessage = ({ data }) => {
      this.chunks.push(data);
      this.stored += data.length;
      while (this.stored > MOST) {
        this.stored -= this.chunks[0].length - this.at;
        this.at = 0;
        this.chunks.shift();
      }
    };
  }

  process(_inputs, [[out]]) {
    if (!this.playing && this.stored < BEGIN) return true;
    this.playing = true;
    for (let n = 0; n < out.length; n += 1) {
      if (!this.stored) {
        this.playing = false;
        return true;
      }
      out[n] = this.chunks[0][this.at];
      this.at += 1;
      this.stored -= 1;
      if (this.at === this.chunks[0].length) {
        this.chunks.shift();
        this.at = 0;
      }
    }
    return true;
  }
}
registerProcessor("earpiece", Earpiece);
