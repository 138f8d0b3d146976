// The scan page: camera, pasted links, chosen photos. Without it the form and the photo still work.
// What stands behind the # of a label's link stays in this browser.

import { makeReader, openCamera } from "./camera.js";

const PAUSE_MS = 300;
const byId = (id) => document.getElementById(id);
const [code, codeForm, photo, scan, video, camerr] =
  ["code", "codeform", "photo", "scan", "video", "camerr"].map(byId);

// Open the page that `text` asks for; links to this server keep their fragment, others lose it.
function lead(text) {
  const typed = text.trim();
  const cut = typed.indexOf("#");
  // Read aloud or copied by hand, a link has no scheme.
  const whole = typed.includes("://") ? typed : `${location.protocol}//${typed}`;
  const link = cut > 0 && URL.canParse(whole) ? new URL(whole) : null;
  if (link && link.origin === location.origin && /^\/[id]\//.test(link.pathname)) {
    link.searchParams.set("lang", document.documentElement.lang);
    location.assign(link.href);
    return;
  }
  code.value = cut > 0 ? typed.slice(0, cut) : typed;
  codeForm.submit();
}

function send(picture) {
  const files = new DataTransfer();
  files.items.add(new File([picture], "frame.jpg"));
  photo.files = files.files;
  photo.form.submit();
}

function say(error) {
  const name = error.name ?? "Error";
  camerr.dataset.err = name;
  camerr.textContent = camerr.dataset[name.toLowerCase()] ?? camerr.dataset.other;
  camerr.hidden = false;
  video.hidden = true;
  scan.hidden = false;
  code.focus();
}

async function start() {
  camerr.hidden = true;
  scan.hidden = true;
  try {
    const stream = await openCamera();
    video.srcObject = stream;
    video.hidden = false;
    await video.play();
    const read = await makeReader(photo.form.action);
    let found = null;
    while (found === null) {
      found = await read(video);
      await new Promise((done) => setTimeout(done, PAUSE_MS));
    }
    for (const track of stream.getTracks()) track.stop();
    if (found.location) location.assign(found.location);
    else if (found.picture) send(found.picture);
    else lead(found.text);
  } catch (error) {
    say(error);
  }
}

codeForm.addEventListener("submit", (event) => {
  if (!code.value.includes("#")) return;
  event.preventDefault();
  lead(code.value);
});
photo.addEventListener("change", () => {
  if (photo.files.length === 1) photo.form.requestSubmit();
});
scan.addEventListener("click", start);
scan.hidden = false;
