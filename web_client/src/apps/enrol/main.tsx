import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { UiProvider } from "../shared/ui";
import "../shared/tokens.css";
import "../shared/door.css";
import { Enrol } from "../shared/Enrol";
import "../shared/enrol.css";

const root = document.getElementById("root");
if (root === null) throw new Error("enrol.html has no #root");
const secret = location.hash.slice(1);
history.replaceState(null, "", location.pathname + location.search); // the code's secret stays in no history
createRoot(root).render(
  <StrictMode>
    <UiProvider>
      <Enrol secret={secret} onReady={() => location.assign("/tablet")} />
    </UiProvider>
  </StrictMode>,
);
