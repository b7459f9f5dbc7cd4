import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Door } from "../shared/Door";
import { UiProvider } from "../shared/ui";
import { Wall } from "./Wall";
import "../shared/tokens.css";
import "./wall.css";

const root = document.getElementById("root");
if (root === null) throw new Error("wall.html has no #root");
createRoot(root).render(
  <StrictMode>
    <UiProvider>
      <Door>{(session) => <Wall key={session.account} session={session} />}</Door>
    </UiProvider>
  </StrictMode>,
);
