/** What the pages ask of the API besides a session's work (docs/api.md). Each call throws ApiError. */

/** @import {Coverage, Export, ListedThread, Look, Masklet, Me, Member, MyTasks, NewTask, NewThread, Page, Project, ReviewItem, Signals, SteeredTask, Task, TaskKind, Thread, Upload, VerifierModel, Video, VideoMetadata, Work} from "../types.js" */
import { request } from "../api.js";

/** @typedef {number | string} Id */
/** @typedef {{time_base: [number, number], source_pts: number[], frames: {frame_index: number, sha256: string}[]}} FrameTable */

const MOST = "page_size=200"; // a page's worth, for lists that are shown whole

/** @param {string} slug */
const at = (slug) => `/api/projects/${encodeURIComponent(slug)}`;

/** @param {string} slug @param {string} username */
const memberAt = (slug, username) => `${at(slug)}/members/${encodeURIComponent(username)}`;

export const api = {
  /** @returns {Promise<Me>} */
  me: () => request("GET", "/api/me"),

  /** A new person, in no project yet; staff only. @param {string} username @param {string} password @returns {Promise<{id: number, username: string}>} */
  addPerson: (username, password) => request("POST", "/api/people", { username, password }),

  tokens: {
    /** A new token, shown this once. @param {string} name @returns {Promise<{token: string}>} */
    create: (name) => request("POST", "/api/me/tokens", { name }),
    /** @param {Id} id @returns {Promise<null>} */
    revoke: (id) => request("DELETE", `/api/me/tokens/${id}`),
  },

  projects: {
    /** @returns {Promise<Project[]>} */
    list: () => request("GET", "/api/projects"),
    /** @param {{name: string, stride: number}} fields @returns {Promise<Project>} */
    create: (fields) => request("POST", "/api/projects", fields),
    /** @param {string} slug @returns {Promise<Project>} */
    get: (slug) => request("GET", at(slug)),
    /** @param {string} slug @param {Partial<Project>} fields @returns {Promise<Project>} */
    change: (slug, fields) => request("PATCH", at(slug), fields),
    /** Newest first. @param {string} slug @returns {Promise<Page<VerifierModel>>} */
    verifierModels: (slug) => request("GET", `${at(slug)}/verifier-models`),
    /** @param {string} slug @returns {Promise<VerifierModel>} */
    trainVerifier: (slug) => request("POST", `${at(slug)}/verifier-models`),
    /** @param {string} slug @returns {Promise<Member[]>} */
    members: (slug) => request("GET", `${at(slug)}/members`),
    /** What is not named stays. @param {string} slug @param {string} username @param {Partial<Member>} fields @returns {Promise<Member>} */
    setMember: (slug, username, fields) => request("PUT", memberAt(slug, username), fields),
    /** @param {string} slug @param {string} username @returns {Promise<null>} */
    removeMember: (slug, username) => request("DELETE", memberAt(slug, username)),
    /** @param {string} slug @returns {Promise<Work>} */
    work: (slug) => request("GET", `${at(slug)}/work`),
    /** @param {string} slug @param {Record<string, string>} query empty values filter nothing @returns {Promise<Page<ReviewItem>>} */
    reviews: (slug, query) => request("GET", `${at(slug)}/reviews?${new URLSearchParams(Object.entries(query).filter(([, value]) => value))}`),
  },

  videos: {
    /** @param {string} slug @param {Record<string, string>} query empty values filter nothing @returns {Promise<Page<Video>>} */
    list: (slug, query) => request("GET", `${at(slug)}/videos?${new URLSearchParams(Object.entries(query).filter(([, value]) => value))}`),
    /** @param {Id} id @returns {Promise<Video>} */
    get: (id) => request("GET", `/api/videos/${id}`),
    /** @param {Id} id @param {Partial<VideoMetadata>} fields @returns {Promise<Video>} */
    change: (id, fields) => request("PATCH", `/api/videos/${id}`, fields),
    /** @param {Id} id @returns {Promise<null>} */
    remove: (id) => request("DELETE", `/api/videos/${id}`),
    /** @param {Id} id @returns {Promise<Video>} */
    ingest: (id) => request("POST", `/api/videos/${id}/ingest`, {}),
    /** Its masklets that are not deleted. @param {Id} id @returns {Promise<Page<Masklet>>} */
    masklets: (id) => request("GET", `/api/videos/${id}/masklets?${MOST}`),
    /** @param {Id} id @returns {Promise<FrameTable>} */
    frameTable: (id) => request("GET", `/api/videos/${id}/frame-table`),
  },

  uploads: {
    /** @param {string} slug @param {{filename: string, size: number, sha256: string, metadata: Partial<VideoMetadata>}} fields @returns {Promise<Upload>} */
    create: (slug, fields) => request("POST", `${at(slug)}/uploads`, fields),
    /** @param {Id} id @returns {Promise<Upload>} */
    get: (id) => request("GET", `/api/uploads/${id}`),
    /** @param {Id} id @returns {Promise<null>} */
    cancel: (id) => request("DELETE", `/api/uploads/${id}`),
  },

  tasks: {
    /** What waits for the signed-in person, and what they hold. @param {string} slug @returns {Promise<MyTasks>} */
    mine: (slug) => request("GET", `${at(slug)}/tasks/mine`),
    /** Claims; empty when none waits. @param {string} slug @param {readonly TaskKind[]} [kinds] only these @param {number} [most] @returns {Promise<{tasks: Task[]}>} */
    next: (slug, kinds = [], most = 1) => request("POST", `${at(slug)}/tasks/next`, { kinds, most }),
    /** @param {Id} id @returns {Promise<Task>} */
    get: (id) => request("GET", `/api/tasks/${id}`),
    /** For who steers. @param {string} slug @param {Record<string, string>} query empty values filter nothing @returns {Promise<Page<SteeredTask>>} */
    list: (slug, query) => request("GET", `${at(slug)}/tasks?${new URLSearchParams(Object.entries(query).filter(([, value]) => value))}`),
    /** Has a task done: the one that is open already, where there is one. @param {string} slug @param {NewTask} fields @returns {Promise<Task>} */
    ask: (slug, fields) => request("POST", `${at(slug)}/tasks`, fields),
    /** @param {Id} id @param {{priority?: number, skill?: string}} fields @returns {Promise<Task>} */
    edit: (id, fields) => request("PATCH", `/api/tasks/${id}`, fields),
    /** Waiting again, whoever held it; offered again, whoever skipped it. @param {Id} id @returns {Promise<Task>} */
    release: (id) => request("POST", `/api/tasks/${id}/release`, {}),
    /** A task on a video that waits is not wanted any more. @param {Id} id @returns {Promise<null>} */
    callOff: (id) => request("DELETE", `/api/tasks/${id}`),
    /** @param {Id} id @returns {Promise<Task>} */
    claim: (id) => request("POST", `/api/tasks/${id}/claim`, {}),
    /** @param {Id} id @param {string} reason @returns {Promise<null>} */
    skip: (id, reason) => request("POST", `/api/tasks/${id}/skip`, { reason }),
    /** @param {Id} id @returns {Promise<null>} */
    giveBack: (id) => request("POST", `/api/tasks/${id}/give-back`, {}),
    /** @param {Id} id @param {string} reason @returns {Promise<Task>} */
    hold: (id, reason) => request("POST", `/api/tasks/${id}/hold`, { reason }),
  },

  masklets: {
    /** @param {Id} id @returns {Promise<Masklet>} */
    get: (id) => request("GET", `/api/masklets/${id}`),
    /** @param {Id} id @returns {Promise<Look>} */
    look: (id) => request("GET", `/api/masklets/${id}/look`),
    /** Has one that was rejected or set aside judged again. @param {Id} id @param {Omit<NewTask, "kind">} fields @returns {Promise<Task>} */
    reopen: (id, fields) => request("POST", `/api/masklets/${id}/reopen`, fields),
    /** What verifier models said of it, newest first. @param {Id} id @returns {Promise<{probability: number, version: number}[]>} */
    votes: (id) => request("GET", `/api/masklets/${id}/verifier-votes`),
    /** @param {Id} id @returns {Promise<Coverage>} */
    coverage: (id) => request("GET", `/api/masklets/${id}/coverage`),
    /** Of the masks that passes made, by frame. @param {Id} id @returns {Promise<Signals[]>} */
    signals: (id) => request("GET", `/api/masklets/${id}/signals`),
  },

  threads: {
    /** Unresolved first. @param {Id} video @returns {Promise<Page<Thread>>} */
    list: (video) => request("GET", `/api/videos/${video}/threads?${MOST}`),
    /** Of all the project's videos, the newest comment first. @param {string} slug @param {Record<string, string>} query empty values filter nothing @returns {Promise<Page<ListedThread>>} */
    ofProject: (slug, query) => request("GET", `${at(slug)}/threads?${new URLSearchParams(Object.entries(query).filter(([, value]) => value))}`),
    /** @param {Id} video @param {NewThread} fields @returns {Promise<Thread>} */
    begin: (video, fields) => request("POST", `/api/videos/${video}/threads`, fields),
    /** @param {Id} id @param {string} text @returns {Promise<Thread>} */
    answer: (id, text) => request("POST", `/api/threads/${id}/comments`, { text }),
    /** @param {Id} id @returns {Promise<Thread>} */
    resolve: (id) => request("POST", `/api/threads/${id}/resolve`, {}),
    /** @param {Id} id @returns {Promise<Thread>} */
    reopen: (id) => request("POST", `/api/threads/${id}/reopen`, {}),
  },

  exports: {
    /** @param {string} slug @returns {Promise<Page<Export>>} */
    list: (slug) => request("GET", `${at(slug)}/exports?page_size=50`),
    /** @param {string} slug @returns {Promise<Export>} */
    create: (slug) => request("POST", `${at(slug)}/exports`, { format: "sav" }),
  },
};
