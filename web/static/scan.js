// The scan page: sends a chosen photo at once, so that a tap is saved. The page works without it.

const photo = document.getElementById("photo");
const form = document.getElementById("photoform");
photo?.addEventListener("change", () => {
  if (photo.files.length === 1) form.requestSubmit();
});
document.getElementById("code")?.focus({ preventScroll: true });
