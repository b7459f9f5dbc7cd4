/** What the facts of teams do to the board. */
import { dutyAfter } from "./machines";
import { askWaitingAgain, patchTeam, withTeam, type Board, type Body } from "./patch";

/** The facts of teams that the board folds. */
export type TeamFact = Extract<
  Body,
  { kind: "team_registered" | "duty_started" | "duty_ended" | "standby_taken" | "patrol_resumed" | "task_planned" | "task_started" | "task_ended" }
>;

const NO_POST = { post: null, post_name: "" } as const;

/** Fold one fact of a team. */
export function changeTeam(board: Board, event: TeamFact, at_ms: number): Board {
  switch (event.kind) {
    case "team_registered": {
      const { kind: _kind, ...facts } = event;
      const { duty, task, post, post_name, last_accepted_at_ms } = board.teams.get(event.team) ?? NEW;
      return withTeam(board, { ...facts, duty, task, post, post_name, last_accepted_at_ms });
    }
    case "task_planned": {
      const { task, starts_at_ms, ends_at_ms } = event;
      return patchTeam(board, event.team, (team) => ({ ...team, task: { task, starts_at_ms, ends_at_ms } }));
    }
    case "standby_taken":
      return patchTeam(board, event.team, (team) => ({ ...team, duty: dutyAfter(event.kind, team.duty), post: event.where, post_name: event.place }));
    case "task_ended": {
      const began = board.teams.get(event.team)?.duty === "on_task";
      const ended = patchTeam(board, event.team, (team) => ({ ...team, duty: dutyAfter(event.kind, team.duty), task: null }));
      return began ? askWaitingAgain(ended, at_ms) : ended;
    }
    case "duty_started": {
      const moved = patchTeam(board, event.team, (team) => ({ ...team, duty: dutyAfter(event.kind, team.duty) }));
      return board.teams.has(event.team) ? askWaitingAgain(moved, at_ms) : board;
    }
    default:
      return patchTeam(board, event.team, (team) => ({ ...team, ...NO_POST, duty: dutyAfter(event.kind, team.duty) }));
  }
}

const NEW = { duty: "off_duty", task: null, post: null, post_name: "", last_accepted_at_ms: null } as const;
