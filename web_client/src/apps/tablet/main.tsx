import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { UiProvider } from "../shared/ui";
import "../shared/door.css";
import "../shared/enrol.css";
import "./tablet.css";
import { Root } from "./Root";

const root = document.getElementById("root");
if (root === null) throw new Error("tablet.html has no #root");
const secret = location.hash.slice(1);
if (secret !== "") history.replaceState(null, "", location.pathname + location.search); // the code's secret stays in no history
window.addEventListener("hashchange", () => location.hash.length > 1 && location.reload()); // a code was opened in the page that is here already
if ("serviceWorker" in navigator) void navigator.serviceWorker.register("/tablet-sw.js", { scope: "/tablet" }).catch(() => undefined); // without it the page needs a network to start
createRoot(root).render(
  <StrictMode>
    <UiProvider>
      <Root secret={secret} />
    </UiProvider>
  </StrictMode>,
);
