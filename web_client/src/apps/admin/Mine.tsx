/** One's own passkeys. */
import { useCallback, useEffect, useState, type FormEvent, type ReactNode } from "react";
import { ApiError } from "../../wire/api";
import { addPasskey, ownPasskeys, PasskeyGivenUp, passkeysWork, removePasskey } from "../../wire/passkeys";
import type { PasskeysView, Problem } from "../../wire/types.gen";
import { moment, Said, useWords } from "./parts";

/** The tab of one's own passkeys: add, see, remove. */
export function Mine(): ReactNode {
  const words = useWords();
  const { held, problem, gaveUp, act } = useOwn();
  const [password, setPassword] = useState("");
  const [name, setName] = useState("");
  if (held === null) return <p className="soft">{words.loading}</p>;
  const can = held.site !== null && passkeysWork();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    act(() => addPasskey(name.trim() === "" ? "passkey" : name.trim(), password));
  };
  return (
    <>
      <p>{words.mine.why}</p>
      {!can && <p className="admin-problem" role="status">{words.mine.none}</p>}
      {(can || held.passkeys.length > 0) && (
        <form className="add" onSubmit={submit}>
          {can && <label>{words.mine.label}<input value={name} maxLength={64} onChange={(event) => setName(event.target.value)} /></label>}
          <label>{words.mine.password}<input type="password" value={password} autoComplete="current-password" maxLength={128} onChange={(event) => setPassword(event.target.value)} /></label>
          {can && <button type="submit" className="primary" disabled={password === ""}>{words.mine.add}</button>}
          <p className="soft hint">{words.mine.fresh}</p>
        </form>
      )}
      {gaveUp && <p className="admin-problem" role="alert">{words.mine.gaveUp}</p>}
      <Said problem={problem} />
      {held.passkeys.length > 0 && (
        <table>
          <thead><tr><th>{words.name}</th><th>{words.mine.site}</th><th>{words.made}</th><th /></tr></thead>
          <tbody>
            {held.passkeys.map((one) => (
              <tr key={one.passkey}>
                <td><b>{one.name}</b></td><td>{one.site}</td><td>{moment(one.made_ms)}</td>
                <td className="acts"><button type="button" disabled={password === ""} onClick={() => act(() => removePasskey(one.passkey, password))}>{words.mine.remove}</button></td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

function useOwn(): { held: PasskeysView | null; problem: Problem | null; gaveUp: boolean; act(work: () => Promise<unknown>): void } {
  const [held, setHeld] = useState<PasskeysView | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [gaveUp, setGaveUp] = useState(false);
  const told = useCallback((error: unknown) => {
    if (error instanceof PasskeyGivenUp) setGaveUp(true);
    else if (error instanceof ApiError) setProblem(error.problem);
    else throw error;
  }, []);
  const look = useCallback(() => void ownPasskeys().then(setHeld, told), [told]);
  useEffect(look, [look]);
  const act = (work: () => Promise<unknown>): void => {
    setProblem(null);
    setGaveUp(false);
    void work().then(look, told);
  };
  return { held, problem, gaveUp, act };
}
