// The keys of the page, and the overlay that tells them.
export function listenToKeys({ pause, list, filter, camera, theme, clear }) {
  const box = document.getElementById("help-box");
  const help = () => (box.open ? box.close() : box.showModal());
  document.getElementById("help").addEventListener("click", help);
  // A click beside the box, which is a click on its backdrop.
  box.addEventListener("click", (e) => e.target === box && box.close());

  const actions = {
    " ": pause,
    p: pause,
    f: () => camera.toggle(),
    j: () => list.step(1),
    k: () => list.step(-1),
    s: () => list.sortNext(),
    t: () => theme.next(),
    "/": () => filter.focus(),
    "?": help,
    Escape: () => {
      document.activeElement?.blur();
      filter.reset();
      clear();
    },
  };
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.altKey || e.metaKey) return;
    const typing = e.target.matches("input");
    const pressing = e.target.matches("button, a") && (e.key === " " || e.key === "Enter");
    if ((typing && e.key !== "Escape") || pressing || (box.open && e.key !== "?")) return;
    const action = actions[e.key];
    if (!action) return;
    e.preventDefault();
    action();
  });
}
