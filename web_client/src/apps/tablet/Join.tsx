/** A tablet that nobody knows yet: scan the desk's QR code, or type what stands beside it. */
import { useEffect, useRef, useState, type ReactNode } from "react";
import { fill } from "../../i18n";
import { Enrol } from "../shared/Enrol";
import { secretIn } from "./secret";
import { useWords } from "./words";

const LOOK_EVERY_MS = 250;

interface Detector {
  detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]>;
}

/** Enrolment inside the tablet's own page. */
export function Join({ given, onReady }: { given: string; onReady: () => void }): ReactNode {
  const t = useWords();
  const [secret, setSecret] = useState(secretIn(given));
  const [typed, setTyped] = useState("");
  const [scanning, setScanning] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  if (!window.isSecureContext) return <p className="wait" role="alert">{t.insecure}</p>;
  if (secret !== null) return <Enrol secret={secret} onReady={onReady} />;
  const begin = (text: string): void => {
    const found = secretIn(text);
    setProblem(found === null ? t.enrol.badCode : null);
    setSecret(found);
  };
  return (
    <main className="join">
      <h1>{t.enrol.title}</h1>
      <p>{t.enrol.how}</p>
      {"BarcodeDetector" in window && <button type="button" onClick={() => setScanning(!scanning)}>{scanning ? t.enrol.stop : t.enrol.scan}</button>}
      {scanning && <Scanner onCode={begin} onProblem={(reason) => { setScanning(false); setProblem(fill(t.enrol.noCamera, { reason })); }} />}
      <form onSubmit={(event) => { event.preventDefault(); begin(typed); }}>
        <label>{t.enrol.code}<input name="code" value={typed} autoComplete="off" autoCapitalize="off" spellCheck={false} onChange={(event) => setTyped(event.target.value)} /></label>
        <button type="submit" className="big" disabled={typed.trim() === ""}><b>{t.enrol.begin}</b></button>
      </form>
      {problem !== null && <p className="bad" role="alert">{problem}</p>}
    </main>
  );
}

function Scanner({ onCode, onProblem }: { onCode: (text: string) => void; onProblem: (reason: string) => void }): ReactNode {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    let stream: MediaStream | null = null;
    let timer: ReturnType<typeof setInterval> | undefined;
    const Maker = (window as unknown as { BarcodeDetector: new (wish: { formats: string[] }) => Detector }).BarcodeDetector;
    const begin = async (): Promise<void> => {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      const seen = video.current;
      if (seen === null) return stream.getTracks().forEach((track) => track.stop());
      seen.srcObject = stream;
      await seen.play();
      const detector = new Maker({ formats: ["qr_code"] });
      timer = setInterval(() => void detector.detect(seen).then(([code]) => code && onCode(code.rawValue), () => undefined), LOOK_EVERY_MS);
    };
    begin().catch((error: unknown) => onProblem(error instanceof Error ? error.message : String(error)));
    return () => {
      clearInterval(timer);
      stream?.getTracks().forEach((track) => track.stop());
    };
  }, []);
  return <video ref={video} className="scanner" muted playsInline />;
}
