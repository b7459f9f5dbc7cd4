import type { ReactNode } from "react";
import { fill } from "../../i18n";
import type { GroundView, SessionView } from "../../wire/types.gen";
import { useUi } from "../shared/ui";
import { useWords } from "./words";

/** Name, badges, switches, and the way to the console. */
export function Header({ ground, session, signOut }: { ground: GroundView | null; session: SessionView; signOut(): void }): ReactNode {
  const { t, look, toggleLanguage, toggleLook } = useUi();
  const w = useWords();
  const style = look === "day" ? t.style.toNight : t.style.toDay;
  return (
    <header className="head">
      <div className="head-row">
        <svg className="sign" viewBox="0 0 32 32" aria-hidden="true">
          <circle cx="16" cy="16" r="14" />
          <circle cx="16" cy="16" r="9" />
          <circle cx="16" cy="16" r="3.6" className="sign-core" />
        </svg>
        <h1>
          {w.title}
          <small>{w.subtitle}</small>
        </h1>
        <button type="button" className="switch" onClick={toggleLanguage} aria-label={t.switchToLabel}>{t.switchTo}</button>
        <button type="button" className="switch" onClick={toggleLook} aria-label={style} title={style}>{look === "day" ? "☾" : "☀"}</button>
      </div>
      <div className="head-row head-second">
        {ground?.demo && <span className="badge badge-demo" title={fill(t.demoHint, { pace: ground.pace })}>{t.demo}</span>}
        {ground?.synthetic && <span className="badge" title={t.syntheticHint}>{t.synthetic}</span>}
        <button type="button" className="quiet who" onClick={signOut} title={t.door.signOut}>
          {session.role === null ? session.account : t.role[session.role]}
        </button>
        <span className="gap" />
        <a className="to-console" href="/console">{w.console}</a>
      </div>
    </header>
  );
}
