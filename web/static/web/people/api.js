/** What the pages about people ask of the API (docs/api.md). Each call throws ApiError. */

/** @import {Page, Role, Video} from "../types.js" */
import { request } from "../api.js";

/**
 * @typedef {"training" | "production"} Queue
 * @typedef {{scored: number, tasks: number, jf: number | null, needed: number, eligible: boolean}} Standing
 * @typedef {{masklets: number, accepted: number, frames: number, clicks_per_clicked_frame: number | null, edited_share: number | null, seconds_per_frame: number | null}} WorkDone
 * @typedef {{satisfactory: number, unsatisfactory: number, rejected: number, satisfactory_share: number | null}} Verdicts
 *
 * @typedef {object} Person
 * @property {{id: number, username: string}} user
 * @property {Role} role
 * @property {Queue} queue
 * @property {string[]} skills
 * @property {string | null} promoted_at
 * @property {string | null} promoted_by
 * @property {Standing} training
 * @property {{count: number, mean_j: number | null, mean_f: number | null}} gold
 * @property {WorkDone} work
 * @property {Verdicts} verdicts
 * @property {{audited: number, overturned: number}} reviews
 * @property {{pairs: number, chosen: number, jf: number | null}} consensus
 * @property {Record<string, number>} tasks By kind.
 * @property {number} skips
 *
 * @typedef {{id: number, queue: Queue, j: number, f: number, masklet: string, video: string, created_at: string}} ScoreLine
 * @typedef {Person & {days: number, gold_scores: ScoreLine[], skip_reasons: {kind: string, reason: string, count: number}[]}} Scorecard
 *
 * @typedef {{frame_index: number, j: number, mask: string | null, gold: string | null}} ComparedFrame
 * @typedef {{id: number, user: string, queue: Queue, j: number, f: number, created_at: string, masklet: string, video: Video, frames: ComparedFrame[]}} GoldScore
 *
 * @typedef {{id: number, name: string, number: number, color: number, video: number, video_name: string, tracked_by: string | null, given: number, scored: number, mean_j: number | null, mean_f: number | null}} Gold
 *
 * @typedef {{id: number, name: string, number: number, color: number, state: string, tracked_by: string | null}} PairMasklet
 * @typedef {{id: number, video: {id: number, name: string}, first: PairMasklet, second: PairMasklet, j: number | null, f: number | null, chosen: number | null, decided_by: string | null, decided_at: string | null, created_at: string}} Pair
 */

/** @param {string} slug */
const at = (slug) => `/api/projects/${encodeURIComponent(slug)}`;

/** @param {string} slug @param {string} username */
const promotionAt = (slug, username) => `${at(slug)}/members/${encodeURIComponent(username)}/promotion`;

export const peopleApi = {
  /** @param {string} slug @param {number} days @param {number} page @returns {Promise<Page<Person>>} */
  people: (slug, days, page) => request("GET", `${at(slug)}/people?days=${days}&page=${page}`),
  /** @param {string} slug @param {string} username @param {number} days @returns {Promise<Scorecard>} */
  scorecard: (slug, username, days) => request("GET", `${at(slug)}/people/${encodeURIComponent(username)}/scorecard?days=${days}`),
  /** @param {string} slug @param {string} username @returns {Promise<Person>} */
  promote: (slug, username) => request("POST", promotionAt(slug, username), {}),
  /** @param {string} slug @param {string} username @returns {Promise<Person>} */
  demote: (slug, username) => request("DELETE", promotionAt(slug, username)),

  /** @param {number | string} id @returns {Promise<GoldScore>} */
  goldScore: (id) => request("GET", `/api/gold-scores/${id}`),
  /** @param {string} slug @param {string} [video] only its @returns {Promise<Page<Gold>>} */
  gold: (slug, video = "") => request("GET", `${at(slug)}/gold?page_size=200&video=${video}`),
  /** @param {number} masklet @returns {Promise<Gold>} */
  markGold: (masklet) => request("POST", `/api/masklets/${masklet}/gold`, {}),
  /** @param {number} masklet @returns {Promise<null>} */
  unmarkGold: (masklet) => request("DELETE", `/api/masklets/${masklet}/gold`),

  /** @param {string} slug @param {number} page @returns {Promise<Page<Pair>>} */
  pairs: (slug, page) => request("GET", `${at(slug)}/consensus?page=${page}`),
  /** @param {number} pair @param {boolean} [despite_export] also where a dataset holds the one that went on @returns {Promise<Pair>} */
  reverse: (pair, despite_export = false) => request("POST", `/api/consensus/${pair}/reverse`, { despite_export }),
};
