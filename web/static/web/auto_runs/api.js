/** What the page of auto masklets asks of the API (docs/api.md). */

/** @import {Page, Video} from "../types.js" */
import { request } from "../api.js";

/** @typedef {{label: string, coarse: boolean}} Engine */
/** @typedef {Engine & {id: number, engine: string, weights_sha256: string}} Model */
/** @typedef {{points_per_side: number[], min_iou: number, min_stability: number, within_iou: number, across_iou: number, known_iou: number, edge_px: number, most: number}} Settings */
/** @typedef {"queued" | "proposing" | "tracking" | "finished" | "stopped" | "failed"} RunState */
/**
 * @typedef {{id: number, video: {id: number, video_id: string, name: string}, state: RunState, settings: Settings, model: Model | null,
 *   candidates: number, kept: number, prompts_done: number, prompts_total: number, frames_done: number, frames_total: number,
 *   masklets: Record<string, number>, error: string, requested_by: string, created_at: string, finished_at: string | null}} AutoRun
 */
/** @typedef {{new_videos: number, runs: Record<RunState, number>, settings: Settings, engines: Engine[]}} AutoState */
/** @typedef {{model: Model, masklets: number, waiting: number, accepted: number, rejected: number, unsatisfactory: number, taken_up: number}} AutoModel */
/**
 * @typedef {Pick<Video, "id" | "video_id" | "name" | "annotated_count" | "duration_s" | "is_image" | "masklets" | "created_at" | "urls">
 *   & {last_run: {id: number, state: RunState, kept: number, created_at: string} | null}} Choice
 */
/**
 * @typedef {{id: number, model: number, video: {id: number, video_id: string, name: string}, masklet: number, number: number, state: string,
 *   comment: string, marks: {frame_index: number, text: string}[], unseen_frames: number | null, reviewer: string | null, created_at: string,
 *   picture: {frame_index: number, counts: string | null}}} Failure
 */

export const MOST_AT_ONCE = 1000; // videos of one request
const LISTED = 100; // rows of a page in a dialog

export const slug = document.body.dataset.slug ?? "";
const at = `/api/projects/${encodeURIComponent(slug)}`;

/** @param {Record<string, string | number>} query empty values filter nothing */
const words = (query) => new URLSearchParams(Object.entries(query).filter(([, value]) => value).map(([name, value]) => [name, String(value)]));

export const autoRuns = {
  /** @returns {Promise<AutoState>} */
  state: () => request("GET", `${at}/auto-state`),
  /** @param {{state: string, page: number, page_size: number}} query @returns {Promise<Page<AutoRun>>} */
  list: (query) => request("GET", `${at}/auto-runs?${words(query)}`),
  /** @param {{q: string, new: string, page: number}} query @returns {Promise<Page<Choice>>} */
  videos: (query) => request("GET", `${at}/auto-videos?${words({ ...query, page_size: LISTED })}`),
  /** Of these videos, or of all new ones. @param {readonly number[]} [videos] @returns {Promise<{runs: number[]}>} */
  start: (videos) => request("POST", `${at}/auto-runs`, videos ? { videos } : {}),
  /** @param {number} id @returns {Promise<AutoRun>} */
  stop: (id) => request("POST", `/api/auto-runs/${id}/stop`, {}),
  /** @returns {Promise<{stopped: number}>} */
  stopAll: () => request("POST", `${at}/auto-runs/stop`, {}),
  /** @returns {Promise<AutoModel[]>} */
  models: () => request("GET", `${at}/auto-models`),
  /** @param {number} model @param {number} page @returns {Promise<Page<Failure>>} */
  failures: (model, page) => request("GET", `${at}/auto-failures?${words({ model, page, page_size: LISTED })}`),
  /** @param {number} model @param {"csv" | "jsonl"} form as a table, or with all masks */
  failuresFile: (model, form) => `${at}/auto-failures.${form}?model=${model}`,
};
