/** The planning API as typed functions. */
import { call, type CircleCollection } from "./api";
import type {
  AskBody,
  CoverView,
  DemandView,
  GapsView,
  HeatView,
  HistoryBody,
  PastIncidentsView,
  HoursView,
  MendBody,
  MendView,
  PlanHeadView,
  PlanView,
  ReportView,
  SavePlanBody,
} from "./types.gen";

const plan = (name: string): string => `/api/planning/plans/${encodeURIComponent(name)}`;
const history = (name: string): string => `/api/planning/histories/${encodeURIComponent(name)}`;

/** What a planner may ask; the questions change nothing. */
export const planning = {
  /** The points of demand. */
  demand: (): Promise<DemandView> => call("GET", "/api/planning/demand"),
  /** What standby points cover. */
  coverage: (body: AskBody): Promise<CoverView> => call("POST", "/api/planning/coverage", body),
  /** Who is not reached in time. */
  gaps: (body: AskBody): Promise<GapsView> => call("POST", "/api/planning/gaps", body),
  /** What would mend most. */
  mend: (body: MendBody): Promise<MendView> => call("POST", "/api/planning/mend", body),
  /** The 24 hours of a day. */
  hours: (body: AskBody): Promise<HoursView> => call("POST", "/api/planning/hours", body),
  /** Past incidents in cells by hour of the week. */
  heat: (name: string): Promise<HeatView> => call("GET", `/api/planning/heat?history=${encodeURIComponent(name)}`),
  /** Response clocks by tier and place. */
  report: (days: number): Promise<ReportView> => call("GET", `/api/planning/report?days=${days}`),
  /** The plans that are kept. */
  plans: (): Promise<PlanHeadView[]> => call("GET", "/api/planning/plans"),
  /** One plan. */
  plan: (name: string): Promise<PlanView> => call("GET", plan(name)),
  /** Save a plan; refused where somebody saved it since. */
  save: (name: string, body: SavePlanBody): Promise<PlanView> => call("POST", plan(name), body),
  /** Delete a plan. */
  drop: (name: string): Promise<PlanHeadView[]> => call("DELETE", plan(name)),
  /** Past incidents there are. */
  histories: (): Promise<PastIncidentsView[]> => call("GET", "/api/planning/histories"),
  /** Import past incidents, or a further part of them. */
  keep: (name: string, body: HistoryBody): Promise<PastIncidentsView> => call("POST", history(name), body),
  /** Delete an imported history. */
  forget: (name: string): Promise<PastIncidentsView[]> => call("DELETE", history(name)),
  /** What is reached from a point in these minutes. */
  circles: (lat: number, lon: number, profile: string, minutes: readonly number[]): Promise<CircleCollection> =>
    call("GET", `/api/circles?lat=${lat.toFixed(6)}&lon=${lon.toFixed(6)}&profile=${encodeURIComponent(profile)}&minutes=${minutes.join(",")}`),
};
