// Pictures from the camera, and what stands in them: by the browser where it can read QR symbols,
// else by the server, one frame at a time, exactly like a photo that somebody sends.

const FRAME_MS = 1200;
const SIDE_MAX = 1280;

export async function openCamera() {
  if (!navigator.mediaDevices) throw new DOMException("no camera here", "NotSupportedError");
  const video = { facingMode: { ideal: "environment" }, width: { ideal: SIDE_MAX }, height: { ideal: 720 } };
  return navigator.mediaDevices.getUserMedia({ video, audio: false });
}

// Return a function from a video to {text}, {location} or {picture}, or null while nothing is found.
// A picture is one that the server read, but that leads nowhere: it says why on its own page.
export async function makeReader(address) {
  const formats = (await globalThis.BarcodeDetector?.getSupportedFormats?.()) ?? [];
  if (!formats.includes("qr_code")) return (video) => readByServer(video, address);
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  return async (video) => {
    const [symbol] = await detector.detect(video);
    return symbol ? { text: symbol.rawValue } : null;
  };
}

async function readByServer(video, address) {
  const scale = Math.min(1, SIDE_MAX / Math.max(video.videoWidth, video.videoHeight));
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth * scale;
  canvas.height = video.videoHeight * scale;
  canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
  const picture = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
  const form = new FormData();
  form.append("photo", picture, "frame.jpg");
  const headers = { Accept: "application/json" };
  const answer = await fetch(address, { method: "POST", body: form, headers });
  const plain = await answer.json();
  if (answer.ok && plain.location) return plain;
  if (answer.ok && plain.reason !== "photo-unreadable") return { picture };
  await new Promise((done) => setTimeout(done, FRAME_MS));
  return null;
}
