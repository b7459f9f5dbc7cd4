/** The head of the panel: whose desk, what time, whether what is seen is now. */
import type { ReactNode } from "react";
import { fill } from "../../i18n";
import { span, timeOfDay } from "../../i18n/format";
import { serverNow } from "../../model/clock";
import { tally } from "../../model/derive";
import type { Phase } from "../../wire/session";
import type { SessionView } from "../../wire/types.gen";
import { useUi } from "../shared/ui";
import type { ConsoleState } from "../shared/store";
import type { Sound } from "./useSounds";
import { addressOf } from "./views";

/** A clock that is off by more is told. */
const SKEW_MS = 5_000;

type Link = "live" | "joining" | "lost" | "stopped";

/** How the connection is called: `joining` before the first time, `lost` after. */
export function linkOf(phase: Phase, wasLive: boolean): Link {
  if (phase === "live") return "live";
  if (phase === "stopped") return "stopped";
  return wasLive ? "lost" : "joining";
}

/** What the head shows, and what is asked of the page. */
export interface HeaderProps {
  readonly state: ConsoleState;
  readonly now_ms: number;
  readonly session: SessionView;
  /** By how much this machine's clock is off the service's. */
  readonly skew_ms: number;
  readonly sound: Sound;
  onSheet(): void;
  onPast(): void;
  signOut(): void;
}

/** Service name, badges, connection, clock, switches and the counts. */
export function Header({ state, now_ms, session, skew_ms, sound, onSheet, onPast, signOut }: HeaderProps): ReactNode {
  const { t, look, language, toggleLanguage, toggleLook } = useUi();
  const link = linkOf(state.session.phase, state.wasLive);
  const ground = state.ground.view;
  return (
    <header className="head">
      <div className="head-row">
        <Sign />
        <h1>
          {t.title}
          <small>{t.subtitle}</small>
        </h1>
        <time className="head-clock">{timeOfDay(serverNow(state.clock, now_ms))}</time>
        <button type="button" className="quiet switch" onClick={toggleLanguage} aria-label={t.switchToLabel} title={t.switchToLabel}>
          {t.switchTo}
        </button>
        <button
          type="button"
          className="quiet switch"
          onClick={toggleLook}
          aria-label={look === "day" ? t.style.toNight : t.style.toDay}
          title={look === "day" ? t.style.toNight : t.style.toDay}
        >
          <LookSign night={look === "day"} />
        </button>
      </div>
      <div className="head-row head-second">
        <p className={`link link-${link}`} role="status">
          <i aria-hidden="true" />
          <b>{t.connection[link]}</b>
          <span>{fill(t.since, { time: timeOfDay(state.session.since_ms + skew_ms) })}</span>
        </p>
        {ground?.demo && (
          <span className="badge badge-demo" title={fill(t.demoHint, { pace: ground.pace })}>
            {t.demo}
            {ground.pace !== 1 && ` ×${ground.pace}`}
          </span>
        )}
        <button type="button" className="quiet who" onClick={signOut} title={t.door.signOut}>
          {session.role === null ? session.account : t.role[session.role]}
        </button>
        {ground?.synthetic && <span className="badge" title={t.syntheticHint}>{t.synthetic}</span>}
      </div>
      <div className="head-row head-tools">
        <SoundTool sound={sound} />
        <button type="button" className="quiet" onClick={onPast} title={t.desk.past.open}>{t.desk.past.title} <kbd>T</kbd></button>
        <details className="windows">
          <summary>{t.desk.windows.title}</summary>
          <ul>
            {(["map", "queue", "board", "wall"] as const).map((view) => (
              <li key={view}><a href={addressOf(view, language, look)} target="_blank" rel="noreferrer">{t.desk.windows[view]}</a></li>
            ))}
          </ul>
        </details>
        <span className="head-gap" />
        <button type="button" className="quiet" onClick={onSheet} title={t.desk.sheet.title} aria-label={t.desk.sheet.title}><kbd>?</kbd></button>
      </div>
      {Math.abs(skew_ms) > SKEW_MS && state.session.phase === "live" && (
        <p className="skew" role="status">{fill(t.desk.zoneSkew, { time: span(t, Math.abs(skew_ms)) })}</p>
      )}
      <Counts state={state} />
    </header>
  );
}

function Speaker({ on }: { on: boolean }): ReactNode {
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true" className="glyph-sound">
      <path d="M1.5 6h2.6L8 2.6v10.8L4.1 10H1.5z" />
      <path d={on ? "M10.3 5.2a4 4 0 0 1 0 5.6M12.4 3.2a6.8 6.8 0 0 1 0 9.6" : "M10.4 5.8l4.4 4.4M14.8 5.8l-4.4 4.4"} fill="none" strokeWidth="1.4" />
    </svg>
  );
}

/** Mute, volume, and the rule of browsers that a page must be touched before it sounds. */
function SoundTool({ sound }: { sound: Sound }): ReactNode {
  const { t } = useUi();
  const words = t.desk.sound;
  if (sound.blocked) return <button type="button" className="quiet" onClick={sound.test} title={words.first}><Speaker on={false} /> {words.enable}</button>;
  return (
    <span className="sound">
      <button type="button" className="quiet" aria-pressed={sound.volume > 0} onClick={sound.toggle} title={sound.volume > 0 ? words.on : words.off}>
        <Speaker on={sound.volume > 0} /> <kbd>S</kbd>
      </button>
      <input type="range" min={0} max={1} step={0.05} value={sound.volume} aria-label={words.volume} title={words.volume} onChange={(event) => sound.setVolume(Number(event.target.value))} />
    </span>
  );
}

function Counts({ state }: { state: ConsoleState }): ReactNode {
  const { t } = useUi();
  const counts = tally(state.board);
  const shown = state.wasLive;
  return (
    <dl className="counts">
      {(["open", "waiting", "free", "busy", "off"] as const).map((name) => (
        <div key={name} className={`count count-${name}${counts[name] > 0 ? " is-some" : ""}`}>
          <dt>{t.tally[name]}</dt>
          <dd>{shown ? counts[name] : "–"}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Three nested circles of reach. */
function Sign(): ReactNode {
  return (
    <svg className="sign" viewBox="0 0 32 32" aria-hidden="true">
      <circle cx="16" cy="16" r="14" />
      <circle cx="16" cy="16" r="9" />
      <circle cx="16" cy="16" r="3.6" className="sign-core" />
    </svg>
  );
}

function LookSign({ night }: { night: boolean }): ReactNode {
  return night ? (
    <svg viewBox="0 0 16 16" aria-hidden="true" className="glyph"><path d="M6 1.8a6.4 6.4 0 1 0 8.2 8.4A5.4 5.4 0 0 1 6 1.8z" /></svg>
  ) : (
    <svg viewBox="0 0 16 16" aria-hidden="true" className="glyph">
      <circle cx="8" cy="8" r="3.2" />
      <path d="M8 .8v2M8 13.2v2M.8 8h2M13.2 8h2M2.9 2.9l1.4 1.4M11.7 11.7l1.4 1.4M2.9 13.1l1.4-1.4M11.7 4.3l1.4-1.4" fill="none" stroke="currentColor" strokeWidth="1.3" />
    </svg>
  );
}
