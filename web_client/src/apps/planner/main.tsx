import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Door } from "../shared/Door";
import { UiProvider } from "../shared/ui";
import { Planner } from "./Planner";
import "./styles/planner.css";
import "./styles/panel.css";
import "./styles/print.css";

const root = document.getElementById("root");
if (root === null) throw new Error("planner.html has no #root");
createRoot(root).render(
  <StrictMode>
    <UiProvider>
      <Door>{(session, signOut) => <Planner key={session.account} session={session} signOut={signOut} />}</Door>
    </UiProvider>
  </StrictMode>,
);
