/** The real console of the page, without its page: session and board under Node, for the storm.
 *
 * Arguments: websocket address, device id, cookie, origin. A line on stdin asks; a JSON line on stdout tells where the
 * session stands and what its board holds.
 */
import { EMPTY_BOARD, boardOf, fold, type Board } from "../../../web_client/src/model/board";
import { newSession, step, type Input, type Output, type Session } from "../../../web_client/src/wire/session";

const [url, device, cookie, origin] = process.argv.slice(2) as [string, string, string, string];
const TICK_MS = 50;

let state: Session = newSession(device, Date.now());
let board: Board = EMPTY_BOARD;
let socket: WebSocket | null = null;
let events = 0;
let snapshots = 0;

function feed(event: { kind: string; text?: string }): void {
  const [next, outputs] = step(state, { ...event, now_ms: Date.now(), random: Math.random() * 0.1 } as Input);
  state = next;
  for (const output of outputs) perform(output);
}

function perform(output: Output): void {
  if (output.kind === "connect") connect();
  else if (output.kind === "hang_up") hangUp();
  else if (output.kind === "send") {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(output.frame));
  } else if (output.kind === "snapshot") {
    snapshots += 1;
    board = boardOf(output.snapshot);
  } else if (output.kind === "event") {
    events += 1;
    board = fold(board, output.frame);
  }
}

function connect(): void {
  hangUp();
  const fresh = new WebSocket(url, { headers: { Cookie: cookie, Origin: origin } } as unknown as string[]);
  socket = fresh;
  fresh.onopen = () => fresh === socket && feed({ kind: "opened" });
  fresh.onclose = () => fresh === socket && feed({ kind: "closed" });
  fresh.onerror = () => fresh === socket && feed({ kind: "closed" }); // browsers send a close as well, Node 20 does not
  fresh.onmessage = (message: MessageEvent<unknown>) => {
    if (fresh === socket && typeof message.data === "string") feed({ kind: "text", text: message.data });
  };
}

function hangUp(): void {
  const old = socket;
  socket = null;
  old?.close();
}

function tell(whole: boolean): void {
  const said = {
    phase: state.phase,
    epoch: state.epoch,
    seq: state.seq,
    board_seq: board.seq,
    problem: state.last_problem,
    events,
    snapshots,
    teams: whole ? Object.fromEntries(board.teams) : null,
    incidents: whole ? Object.fromEntries(board.incidents) : null,
    orders: whole ? Object.fromEntries(board.orders) : null,
  };
  process.stdout.write(JSON.stringify(said) + "\n");
}

process.stdin.setEncoding("utf8");
process.stdin.on("data", (text: string) => {
  for (const line of text.split("\n")) if (line !== "") tell(line === "whole");
});
process.stdin.on("end", () => process.exit(0));
setInterval(() => feed({ kind: "tick" }), TICK_MS);
feed({ kind: "start" });
