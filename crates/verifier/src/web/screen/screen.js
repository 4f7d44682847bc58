// The desk that looks at a citizen's screen. This only carries: pictures, typed frames and choices to the program on this computer, its
// words and verdicts to the page. It decides nothing, keeps nothing, and no text ever becomes markup.
"use strict";

const by = (id) => document.getElementById(id);
const page = by("desk");
const parts = ["setup", "asking", "result"];
// Counts up with each beginning and end; what comes back for an earlier number is dropped.
let turn = 0;
let sound, stream, clearing, wheel, left;
// The turn for which the camera is being asked for, and how many pictures in a row the program did not answer.
let opening;
let unanswered = 0;
const MOST_UNANSWERED = 5;
// The film that is being read, and the note of the program that is shown: a sentence about a file stays until there is another note.
let filming, noted;

const show = (part) => parts.forEach((one) => (by(one).hidden = one !== part));
const say = (text) => {
  if (by("note").textContent !== text) by("note").textContent = text;
};
const note = (text) => {
  if (noted !== text) say((noted = text));
};

async function send(path, body, type) {
  const headers = type ? { "content-type": type } : {};
  const reply = await fetch(`${page.dataset.at}/${path}`, { method: "POST", body, headers, cache: "no-store" });
  if (reply.ok) return reply.json();
  const refused = new Error(String(reply.status));
  refused.note = (await reply.json().catch(() => ({}))).note;
  throw refused;
}

// What was read goes to the program one after the other. Whichever piece is the last gets the verdict, and for whatever is on its way beside
// it the check is over: that must not be heard first.
let carrying = Promise.resolve();

function carry(path, body, type, mine) {
  const carried = carrying.then(async () => {
    if (mine === turn) receive(await send(path, body, type), mine);
  });
  carrying = carried.catch(() => {});
  return carried;
}

async function begin() {
  sound ??= new AudioContext();
  sound.resume();
  stop();
  const mine = turn;
  const choice = { question: by("setup").elements.question.value, mode: by("setup").elements.mode.value };
  const begun = await send("begin", JSON.stringify(choice), "application/json");
  if (mine !== turn) return;
  if (begun.state !== "waiting") return receive(begun, mine);
  by("asked").textContent = begun.question;
  by("how").textContent = begun.how;
  by("ages").textContent = begun.ages;
  by("code").hidden = !begun.code;
  by("code").textContent = begun.code ?? "";
  by("request").hidden = !begun.frames;
  if (begun.frames) turnFrames(begun.frames, mine);
  left = begun.seconds_left;
  by("left").textContent = left;
  ring(0, 0);
  noted = undefined;
  note(begun.note);
  show("asking");
  by("asked").focus();
  scrollTo(0, 0);
  if (stream) watch(by("camera"), mine);
  else openCamera(mine);
}

// The frames of the request in turn, two a second, or slower where less motion is wanted; one alone stands still. Whoever reads them or has
// them before the eyes stops them, or goes from one to the next by pressing (KWCAG 14 and 16).
const PACE = { usual: 600, slow: 2000 };

function turnFrames(count, mine) {
  const step = (steps) => {
    wheel.at = (wheel.at + steps + count) % count;
    put();
  };
  const put = () => {
    by("request").src = `${page.dataset.at}/request/${mine}-${wheel.at}.svg`;
    by("piece").textContent = `${wheel.at + 1}/${count}`;
  };
  const rest = (paused) => {
    clearInterval(wheel.clock);
    by("pause").setAttribute("aria-pressed", (wheel.paused = paused));
    const pace = matchMedia("(prefers-reduced-motion: reduce)").matches ? PACE.slow : PACE.usual;
    if (!paused && count > 1) wheel.clock = setInterval(() => step(1), pace);
  };
  wheel = { at: 0, step, rest };
  by("wheel").hidden = count < 2;
  put();
  rest(false);
}

function stop() {
  turn += 1;
  unanswered = 0;
  carrying = Promise.resolve();
  clearInterval(wheel?.clock);
  wheel = undefined;
  by("wheel").hidden = true;
  clearTimeout(clearing);
  by("request").removeAttribute("src");
  for (const link of by("facts").querySelectorAll("a")) URL.revokeObjectURL(link.href);
  by("facts").replaceChildren();
  by("shape").replaceChildren();
  by("verdict").className = "";
  by("word").textContent = by("line").textContent = "";
  const film = by("film");
  if (film.src) URL.revokeObjectURL(film.src);
  film.removeAttribute("src");
  filming = undefined;
}

// It cannot be opened, or somebody pulled its cable.
function noCamera() {
  closeCamera();
  by("open-camera").hidden = false;
  say(page.dataset.noCamera);
}

async function openCamera(mine) {
  // The browser still asks the person: pressed once more, it is not to be opened twice.
  if (opening === mine) return;
  opening = mine;
  try {
    const wanted = { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } };
    const opened = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
    if (mine !== turn) return opened.getTracks().forEach((track) => track.stop());
    closeCamera();
    stream = opened;
  } catch {
    if (mine === turn) noCamera();
    return;
  } finally {
    if (opening === mine) opening = undefined;
  }
  by("open-camera").hidden = true;
  by("camera").srcObject = stream;
  await by("camera").play();
  if (mine === turn) watch(by("camera"), mine);
}

// What a video shows at this moment, sent as grey pixels.
const canvas = document.createElement("canvas");
const context = canvas.getContext("2d", { willReadFrequently: true });

// The program is gone, or knows this page no more: nothing is read, and nobody is looked at.
function lost() {
  stop();
  closeCamera();
  by("plain").textContent = page.dataset.lost;
  show("setup");
}

// Whether what was sent met no program, or one that knows this page no more. Any other refusal is of what was sent.
const isGone = (refused) => refused instanceof TypeError || refused.message === "403";

// What a person or a scanner handed over did not come to anything: the check goes on with a sentence, or there is none any more.
function refusedFor(refused, mine, sentence) {
  if (mine !== turn) return;
  if (isGone(refused)) lost();
  else say(sentence);
}

// Says whether the program looked at the picture.
async function sendPicture(video, mine) {
  const scale = Math.min(1, 1920 / video.videoWidth, 1088 / video.videoHeight);
  canvas.width = video.videoWidth * scale;
  canvas.height = video.videoHeight * scale;
  context.drawImage(video, 0, 0, canvas.width, canvas.height);
  const { width, height } = canvas;
  const { data } = context.getImageData(0, 0, width, height);
  const grey = new Uint8Array(width * height);
  for (let from = 0, to = 0; from < data.length; from += 4) grey[to++] = (77 * data[from] + 150 * data[from + 1] + 29 * data[from + 2]) >> 8;
  try {
    await carry(`camera/${width}/${height}`, grey, "application/octet-stream", mine);
    unanswered = 0;
    return true;
  } catch (refused) {
    unanswered += 1;
    const gone = refused.message === "403" || unanswered >= MOST_UNANSWERED;
    if (mine === turn && gone) lost();
    else await new Promise((go) => setTimeout(go, 300));
    return false;
  }
}

// The next picture of a video, or half a second later.
const nextPicture = (video) =>
  Promise.race([
    new Promise((go) => (video.requestVideoFrameCallback ? video.requestVideoFrameCallback(go) : requestAnimationFrame(go))),
    new Promise((go) => setTimeout(go, 500)),
  ]);

// Sends the pictures of the camera, one at a time; none while a film is read.
async function watch(video, mine) {
  let counted = 0;
  let since = performance.now();
  while (mine === turn) {
    await nextPicture(video);
    if (mine === turn && !stream?.active) return noCamera();
    if (mine !== turn || filming || !video.videoWidth) continue;
    if (await sendPicture(video, mine)) counted += 1;
    const passed = performance.now() - since;
    if (passed >= 1000) {
      by("rate").textContent = Math.round((counted * 1000) / passed);
      counted = 0;
      since = performance.now();
    }
  }
}

// Reads a film at the pace of this computer: it stands still while a picture of it is read, from the first one on, so none is passed over
// but those that follow within a twentieth of a second; no screen shows its codes that fast.
async function watchFilm(file, mine) {
  const film = by("film");
  if (film.src) URL.revokeObjectURL(film.src);
  film.preload = "auto";
  film.src = URL.createObjectURL(file);
  const reads = () => mine === turn && filming === file;
  filming = file;
  try {
    await new Promise((go, fail) => {
      film.onloadeddata = go;
      film.onerror = fail;
    });
    while (reads()) {
      if (!(await sendPicture(film, mine))) continue;
      if (!reads() || film.ended) break;
      const from = film.currentTime;
      let next = nextPicture(film);
      await film.play();
      do {
        await next;
        next = nextPicture(film);
      } while (reads() && !film.ended && film.currentTime - from < 0.05);
      if (reads()) film.pause();
    }
    if (reads()) say(page.dataset.filmEnded);
  } catch {
    if (reads()) say(page.dataset.noFilm);
  } finally {
    if (filming === file) filming = undefined;
  }
}

function ring(have, need) {
  by("ring").setAttribute("stroke-dasharray", `${need ? (100 * have) / need : 0} 100`);
  by("pieces").textContent = need ? `${have}/${need}` : "–";
}

function receive(reply, mine) {
  if (mine !== turn) return;
  if (reply.state === "waiting") {
    left = reply.seconds_left;
    by("left").textContent = left;
    ring(reply.have, reply.need);
    note(reply.note);
  } else if (reply.state === "verdict") {
    stop();
    verdict(reply);
  } else {
    // The check is over: its code is gone from the screen, and nobody is looked at.
    stop();
    closeCamera();
    say(reply.note);
    by("plain").textContent = reply.note;
    show("setup");
  }
}

function line(name, text) {
  const element = document.createElement(name);
  element.textContent = text;
  return element;
}

function verdict(reply) {
  by("verdict").className = `verdict ${reply.tone}`;
  by("shape").replaceChildren(by(`shape-${reply.tone}`).content.cloneNode(true));
  by("word").textContent = reply.word;
  by("line").textContent = reply.line;
  const facts = by("facts");
  for (const reason of reply.reasons) facts.append(line("p", reason));
  for (const list of ["answers", "facts"]) {
    const terms = document.createElement("dl");
    terms.className = list;
    for (const { caption, value, picture, no } of reply[list]) {
      const described = line("dd", picture ? "" : value);
      if (no) described.className = "no";
      if (picture) {
        const image = document.createElement("img");
        image.className = "portrait";
        image.src = picture;
        image.alt = caption;
        described.append(image);
      }
      terms.append(line("dt", caption), described);
    }
    if (terms.childElementCount) facts.append(terms);
  }
  const codes = line("p", reply.codes.join(" · "));
  codes.className = "small";
  facts.append(codes);
  if (reply.receipt) {
    const receipt = line("a", page.dataset.receipt);
    receipt.download = "receipt.jwt";
    receipt.href = URL.createObjectURL(new Blob([reply.receipt], { type: "application/jwt" }));
    facts.append(receipt);
  }
  by("today").textContent = reply.today;
  by("ages").textContent = reply.ages;
  by("hold").hidden = false;
  show("result");
  by("word").focus();
  scrollTo(0, 0);
  tone(reply.tone);
  clearing = setTimeout(clear, reply.clear_seconds * 1000);
}

// Of the person before nothing stays, not the word either, when the next check does not begin.
function beginOrSay() {
  by("plain").textContent = "";
  const begun = begin();
  const mine = turn;
  begun.catch(() => {
    if (mine === turn) lost();
  });
}

function closeCamera() {
  stream?.getTracks().forEach((track) => track.stop());
  stream = undefined;
}

// Nobody is looked at any more either: the next check opens the camera again.
function clear() {
  stop();
  closeCamera();
  by("word").textContent = page.dataset.cleared;
  by("hold").hidden = true;
}

// Green rises, amber repeats, red falls and is long.
const TONES = { confirmed: [[660, 0.15], [990, 0.25]], confirmed_weak: [[520, 0.15], [0, 0.08], [520, 0.15]], not_confirmed: [[330, 0.25], [165, 0.6]] };

function tone(which) {
  if (!sound) return;
  let at = sound.currentTime;
  for (const [pitch, length] of TONES[which]) {
    if (pitch) {
      const source = sound.createOscillator();
      const loudness = sound.createGain();
      source.frequency.value = pitch;
      loudness.gain.value = 0.2;
      source.connect(loudness).connect(sound.destination);
      source.start(at);
      source.stop(at + length);
    }
    at += length;
  }
}

async function sendFrame(text) {
  const mine = turn;
  if (by("asking").hidden || !text.trim()) return;
  try {
    await carry("text", text, "text/plain;charset=utf-8", mine);
  } catch (refused) {
    refusedFor(refused, mine, refused.message === "413" ? page.dataset.tooLong : page.dataset.lost);
  }
}

// A hand scanner types the frame as keys of a US keyboard: read by their places, the input mode does not matter.
const PLAIN = { Space: " ", Minus: "-", Period: ".", Slash: "/", NumpadAdd: "+", NumpadSubtract: "-", NumpadMultiply: "*", NumpadDivide: "/", NumpadDecimal: "." };
const SHIFTED = { Digit4: "$", Digit5: "%", Digit8: "*", Equal: "+", Semicolon: ":" };
const PAUSE = 250;
let typed = "";
let last = 0;
let pause;

function key(code, shifted) {
  if (shifted && SHIFTED[code]) return SHIFTED[code];
  if (/^Key[A-Z]$|^Digit[0-9]$|^Numpad[0-9]$/.test(code)) return code.at(-1);
  return PLAIN[code];
}

function endOfFrame() {
  clearTimeout(pause);
  const text = typed;
  typed = "";
  if (text.length > 20) sendFrame(text);
}

document.addEventListener("keydown", (event) => {
  if (by("asking").hidden || event.ctrlKey || event.altKey || event.metaKey || event.target === by("frame")) return;
  if (event.timeStamp - last > PAUSE) typed = "";
  last = event.timeStamp;
  if (event.code === "Enter" || event.code === "NumpadEnter" || event.code === "Tab") {
    // A person's Enter or Tab does what it always does; a scanner's ends a frame.
    if (typed.length > 20) event.preventDefault();
    endOfFrame();
    return;
  }
  const character = key(event.code, event.shiftKey);
  if (character === undefined) return;
  if (typed) event.preventDefault();
  typed += character;
  clearTimeout(pause);
  pause = setTimeout(endOfFrame, PAUSE);
});

// A question that tells who somebody is can only be asked by a signed request.
function offer() {
  const modes = by("setup").querySelector("[name=question]:checked").dataset.modes.split(" ");
  const ways = [...by("setup").querySelectorAll("[name=mode]")];
  for (const way of ways) way.closest("label").hidden = !modes.includes(way.value);
  if (!ways.some((way) => way.checked && modes.includes(way.value))) ways.find((way) => modes.includes(way.value)).checked = true;
}
by("setup").addEventListener("change", offer);
offer();
by("setup").addEventListener("submit", (event) => {
  event.preventDefault();
  beginOrSay();
});
for (const button of document.querySelectorAll("[data-next]")) button.addEventListener("click", beginOrSay);
for (const button of document.querySelectorAll("[data-change]")) {
  button.addEventListener("click", () => {
    stop();
    closeCamera();
    send("stop").catch(() => {});
    show("setup");
  });
}
by("open-camera").addEventListener("click", () => openCamera(turn));
by("pause").addEventListener("click", () => wheel?.rest(!wheel.paused));
for (const [id, to] of [["previous", -1], ["following", 1]]) {
  by(id).addEventListener("click", () => {
    wheel?.rest(true);
    wheel?.step(to);
  });
}
// Nothing would close the camera later.
by("hold").addEventListener("click", () => {
  clearTimeout(clearing);
  closeCamera();
  by("hold").hidden = true;
});
// A scanner may type into the field as well, and end by Tab, which leaves it, or by nothing at all: what begins as a frame, also in Hangul, is
// read then.
let resting;
function readField() {
  clearTimeout(resting);
  sendFrame(by("frame").value);
  by("frame").value = "";
}
for (const [event, wait] of [["input", PAUSE], ["change", 0]]) {
  by("frame").addEventListener(event, () => {
    clearTimeout(resting);
    const text = by("frame").value.trim();
    if (text.length > 20 && /^[oㅐㅒ][qㅂㅃ]1:/i.test(text)) resting = setTimeout(readField, wait);
  });
}
by("frame").addEventListener("keydown", (event) => {
  if (event.code !== "Enter" || event.shiftKey) return;
  event.preventDefault();
  readField();
});
by("file").addEventListener("change", async () => {
  const file = by("file").files[0];
  by("file").value = "";
  if (!file) return;
  const mine = turn;
  if (file.type.startsWith("video/")) {
    watchFilm(file, mine);
    return;
  }
  try {
    await carry("picture", file, "application/octet-stream", mine);
  } catch (refused) {
    refusedFor(refused, mine, refused.note ?? page.dataset.noPicture);
  }
});
// Without a camera nothing else would ask: the program says what the end of the time means.
function tick() {
  if (by("asking").hidden) return;
  if (left > 0) by("left").textContent = --left;
  const mine = turn;
  if (left === 0) carry("text", "", "text/plain;charset=utf-8", mine).catch((refused) => refusedFor(refused, mine, page.dataset.lost));
}
setInterval(tick, 1000);
