// Hear a recording: speed, one side alone, jump by the picture and by marks.
"use strict";
const player = document.getElementById("player");
const sound = document.getElementById("sound");
const place = document.getElementById("place");
const picture = player.querySelector(".wave");
const width = picture.viewBox.baseVal.width;
const lengthS = Number(player.dataset.ms) / 1000 || 1;
let gains = null;

function follow() {
  const x = (width * sound.currentTime) / lengthS;
  place.setAttribute("x1", x);
  place.setAttribute("x2", x);
}

// The channels are only taken apart when somebody wants one of them: the usual way stays as it is.
function apart() {
  if (gains) return gains;
  const context = new AudioContext();
  const splitter = context.createChannelSplitter(2);
  context.createMediaElementSource(sound).connect(splitter);
  gains = [0, 1].map((channel) => {
    const gain = context.createGain();
    splitter.connect(gain, channel);
    gain.connect(context.destination);
    return gain;
  });
  context.resume();
  return gains;
}

sound.addEventListener("timeupdate", follow);
sound.addEventListener("seeked", follow);
picture.addEventListener("click", (event) => {
  const box = picture.getBoundingClientRect();
  sound.currentTime = ((event.clientX - box.left) / box.width) * lengthS;
});
document.getElementById("speed").addEventListener("change", (event) => {
  sound.playbackRate = Number(event.target.value);
});
document.getElementById("side")?.addEventListener("change", (event) => {
  const [near, far] = apart();
  near.gain.value = event.target.value === "far" ? 0 : 1;
  far.gain.value = event.target.value === "near" ? 0 : 1;
});
player.addEventListener("click", (event) => {
  const button = event.target.closest("[data-to]");
  if (!button) return;
  sound.currentTime = Number(button.dataset.to) / 1000;
  sound.play();
});
