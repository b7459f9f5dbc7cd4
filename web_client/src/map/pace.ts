/** What a map asks of the machine, and when: a large one costs a machine without a graphics card tens of ms a picture. */

const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;
let software: boolean | null = null;

/** Whether this browser draws WebGL without a graphics card, as it says itself. */
export function drawsInSoftware(): boolean {
  software ??= SOFTWARE.test(renderer());
  return software;
}

function renderer(): string {
  try {
    const gl = document.createElement("canvas").getContext("webgl2");
    const info = gl?.getExtension("WEBGL_debug_renderer_info");
    const name: unknown = gl?.getParameter(info?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER);
    gl?.getExtension("WEBGL_lose_context")?.loseContext();
    return typeof name === "string" ? name : "";
  } catch {
    return "";
  }
}

/** Where the map is drawn in software it follows a row of keys once, at its end. */
const SETTLE_MS = 300;

/** Do something once the next frame is on the screen, so that it holds nothing up; returns how to call that off. */
export function afterPaint(act: () => void, later_ms = 0): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const frame = requestAnimationFrame(() => (timer = setTimeout(act, later_ms)));
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
}

/** The same, once for many wishes in a row: what a key opened is seen before the map makes room for it. */
export function whenSettled(act: () => void): () => void {
  let cancel = (): void => undefined;
  return () => {
    cancel();
    cancel = afterPaint(act, drawsInSoftware() ? SETTLE_MS : 0);
  };
}
