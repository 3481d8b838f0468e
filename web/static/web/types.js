/**
 * The shapes of the API (docs/api.md) and the two spaces of points. Types only: nothing runs here.
 *
 * Frame indices are 0-based frames of the working video. Sizes are [height, width].
 *
 * A point in float pixels of the working video, origin at the outer corner of the top-left pixel.
 * @typedef {{readonly x: number, readonly y: number, readonly space: "video"}} VideoPoint
 *
 * A point in CSS pixels of the canvas, origin at its top-left corner.
 * @typedef {{readonly x: number, readonly y: number, readonly space: "screen"}} ScreenPoint
 *
 * @typedef {"annotator" | "reviewer" | "manager" | "owner"} Role
 * @typedef {{slug: string, name: string, role: Role}} Membership
 * @typedef {{id: number, name: string, created_at: string, last_used_at: string | null}} ApiToken
 * @typedef {{id: number, username: string, is_staff: boolean, projects: Membership[], tokens: ApiToken[]}} Me
 *
 * @typedef {object} ProjectCounts
 * @property {number} videos
 * @property {number} in_work
 * @property {number} submitted
 * @property {number} refine
 * @property {number} accepted
 * @property {number} rejected
 *
 * @typedef {object} Project
 * @property {string} slug
 * @property {string} name
 * @property {number} stride
 * @property {Role} role
 * @property {boolean} independent_review
 * @property {1 | 2 | 3} phase
 * @property {string[]} tools
 * @property {boolean} pull_only Whether annotators work on what the queue gives them only.
 * @property {number} min_edited_frames
 * @property {"off" | "mark" | "refuse"} coverage
 * @property {number} audit_share Shares are of masklets, 0 to 1.
 * @property {number} consensus_share
 * @property {number} gold_share
 * @property {number} auto_refine_share
 * @property {number} auto_min_iou
 * @property {number} auto_min_stability
 * @property {number} auto_most
 * @property {number} promotion_tasks
 * @property {number} promotion_score
 * @property {number | null} verifier_threshold Null: the verifier model never accepts by itself.
 * @property {number} verifier_audit_share
 * @property {boolean} suspicious_first
 * @property {number} max_upload_bytes
 * @property {number} max_duration_s
 * @property {number} max_pixels
 * @property {ProjectCounts} counts
 *
 * @typedef {{user: {id: number, username: string}, role: Role, queue: "training" | "production", skills: string[]}} Member
 *
 * @typedef {object} Upload
 * @property {string | number} id
 * @property {string} filename
 * @property {number} size
 * @property {number} offset
 * @property {"receiving" | "received" | "refused"} state
 * @property {string | null} error
 * @property {number | null} video
 *
 * @typedef {"queued" | "ingesting" | "ready" | "refused"} VideoState
 * @typedef {{height: number, width: number, frame_indices: number[]}} Filmstrip
 * @typedef {{poster: string, filmstrip: string, working: string, frame: string}} VideoUrls
 * @typedef {{username: string, until: string}} HeldBy
 *
 * @typedef {object} VideoSource
 * @property {string} filename
 * @property {number} bytes
 * @property {string} sha256
 * @property {string} codec
 * @property {number} fps
 * @property {number} rotation
 * @property {boolean} vfr
 *
 * @typedef {object} VideoMetadata
 * @property {string} environment
 * @property {string} country
 * @property {string} author
 * @property {string} licence
 * @property {string} consent_reference
 * @property {boolean} objectionable
 * @property {string[]} tags
 * @property {string} split
 *
 * @typedef {object} Video
 * @property {number} id
 * @property {string} video_id
 * @property {string} project
 * @property {string} name
 * @property {VideoState} state
 * @property {number} progress
 * @property {{code: string, message: string} | null} refusal
 * @property {number} height
 * @property {number} width
 * @property {number} frame_count
 * @property {number} stride
 * @property {number} annotated_count
 * @property {number} duration_s
 * @property {boolean} is_image
 * @property {{frame_index: number, message: string}[]} decode_faults
 * @property {VideoSource} source
 * @property {Filmstrip} filmstrip
 * @property {VideoMetadata} metadata
 * @property {{in_work: number, submitted: number, refine: number, accepted: number, rejected: number}} masklets
 * @property {number} open_threads Unresolved ones that this person may see.
 * @property {HeldBy | null} held_by
 * @property {string} created_at
 * @property {VideoUrls} urls
 *
 * @typedef {"none" | "starting" | "warming" | "ready" | "rebuilding" | "evicted"} EngineState
 *
 * @typedef {object} Session
 * @property {number} id
 * @property {"annotate" | "verify"} purpose
 * @property {number} video
 * @property {number | null} masklet
 * @property {number | null} [task] The one it was opened for.
 * @property {string} user Username.
 * @property {string} lease_until
 * @property {"open" | "closed"} state
 * @property {{name: string | null, state: EngineState, notice: string}} engine
 *
 * @typedef {"satisfactory" | "unsatisfactory" | "rejected"} VerdictKind
 * @typedef {{frame_index: number, x: number | null, y: number | null, text: string}} ReviewMark
 *
 * @typedef {object} Verdict
 * @property {number} id
 * @property {"verify" | "audit"} stage
 * @property {VerdictKind} verdict
 * @property {string} comment
 * @property {number | null} unseen_frames That the reviewer was not shown before it; null where nobody counted.
 * @property {string | null} reviewer Username; null where the verifier model judged.
 * @property {string} created_at
 * @property {ReviewMark[]} marks
 *
 * @typedef {"in_work" | "submitted" | "refine" | "accepted" | "rejected" | "set_aside"} MaskletState
 *
 * @typedef {object} Masklet
 * @property {number} id
 * @property {number} number
 * @property {number} video
 * @property {string} name
 * @property {number} color Index 0..11 into the palette.
 * @property {MaskletState} state
 * @property {"manual" | "auto"} type
 * @property {number} version
 * @property {boolean} can_undo
 * @property {boolean} can_redo
 * @property {string} created_by Username.
 * @property {string | null} tracked_by Username.
 * @property {number} edited_frame_count
 * @property {boolean} deleted
 * @property {Verdict[]} verdicts
 *
 * @typedef {"predicted" | "edited" | "accepted" | "absent"} MaskState
 * @typedef {"unknown" | MaskState} FrameState
 *
 * @typedef {object} Mask
 * @property {number} masklet
 * @property {number} frame_index
 * @property {MaskState} state
 * @property {boolean} human
 * @property {string} counts COCO compressed RLE at the video's size.
 * @property {number} area Pixels.
 * @property {number | null} score
 * @property {number | null} suspicion How much a pass's mask looks like a failure, 0 to 1; null of a person's.
 * @property {number} change
 *
 * What was measured of a mask that a pass made; why: in words, the strongest first.
 * @typedef {{frame_index: number, suspicion: number, signals: Record<string, number>, why: string[]}} Signals
 *
 * How long each annotated frame was on a screen, ascending; from seen_ms on it counts as shown.
 * @typedef {{seen_ms: number, annotator_ms: number[], reviewer_ms: number[]}} Coverage
 *
 * What a person says on one frame, as it is sent.
 * @typedef {{kind: "point", x: number, y: number, positive: boolean}} PointPrompt
 * @typedef {{kind: "box", x0: number, y0: number, x1: number, y1: number}} BoxPrompt
 * @typedef {{kind: "mask", counts: string}} MaskPrompt
 * @typedef {{kind: "absent"}} AbsentPrompt
 * @typedef {PointPrompt | BoxPrompt | MaskPrompt | AbsentPrompt} NewPrompt
 * @typedef {NewPrompt & {id: number, masklet: number, change: number, frame_index: number}} Prompt
 *
 * @typedef {"prompt" | "remove_prompt" | "accept" | "absent" | "clear" | "propagation"} ChangeKind
 * @typedef {object} ChangeStep
 * @property {number} id
 * @property {number} number
 * @property {ChangeKind} kind
 * @property {number[]} frame_indices
 * @property {boolean} undone
 *
 * @typedef {object} Change
 * @property {Masklet} masklet
 * @property {ChangeStep} change
 * @property {Mask[]} masks
 * @property {number[]} cleared
 * @property {Prompt[]} prompts
 * @property {number[]} removed_prompts
 * @property {boolean} pending
 *
 * @typedef {"forward" | "backward" | "both"} Direction
 * @typedef {"queued" | "running" | "stopping" | "stopped" | "finished" | "failed"} PropagationState
 *
 * @typedef {object} Propagation
 * @property {number} id
 * @property {number[]} masklets
 * @property {Direction} direction
 * @property {number} first_frame
 * @property {number} last_frame
 * @property {number} start_frame
 * @property {PropagationState} state
 * @property {number} frames_done Counted per masklet.
 * @property {number} frames_total Counted per masklet.
 * @property {number | null} seconds_left
 * @property {string | null} error
 * @property {number} attempt
 * @property {string} created_at
 *
 * What of the project's protocol a page of work obeys.
 * @typedef {{phase: 1 | 2 | 3, tools: ("point" | "box" | "brush" | "eraser")[], coverage: "off" | "mark" | "refuse", min_edited_frames: number, propagate: boolean}} Protocol
 *
 * @typedef {object} Snapshot
 * @property {Session} session
 * @property {Video} video
 * @property {Protocol} [protocol]
 * @property {number[]} [begun] Masklets that this person began in this selection.
 * @property {Masklet[]} masklets
 * @property {Mask[]} masks
 * @property {Prompt[]} prompts
 * @property {Propagation[]} propagations
 * @property {string} last_event_id
 *
 * One masklet, to whoever does nothing to it.
 * @typedef {object} Look
 * @property {Video} video
 * @property {Masklet[]} masklets The one.
 * @property {Mask[]} masks
 * @property {Prompt[]} prompts
 * @property {"" | "too_easy" | "auto_failure" | "not_chosen" | "gold"} set_aside Why.
 * @property {number | null} phase
 * @property {number | null} suspicion Of its worst mask when it was handed in.
 * @property {"audit" | "decide" | null} unled The task that this person is at, or could be given, and is not to be led in.
 * @property {import("./people/api.js").Pair | null} pair Once somebody has decided.
 *
 * What a page that judges or looks shows.
 * @typedef {Pick<Snapshot, "video" | "masklets" | "masks" | "prompts">} Shown
 *
 * @typedef {{id: number, user: string | null, text: string, created_at: string}} Comment `user` is null where others have no names.
 *
 * What is said about one place; a point has x0 = x1 and y0 = y1, float pixels of the working video.
 * @typedef {object} Thread
 * @property {number} id
 * @property {number} video
 * @property {number | null} masklet
 * @property {number | null} first_frame
 * @property {number | null} last_frame
 * @property {number | null} x0
 * @property {number | null} y0
 * @property {number | null} x1
 * @property {number | null} y1
 * @property {string | null} created_by
 * @property {string} created_at
 * @property {string} said_at When its newest comment was written.
 * @property {string | null} resolved_by
 * @property {string | null} resolved_at
 * @property {Comment[]} comments Oldest first.
 *
 * One of the list of all the project's videos.
 * @typedef {Thread & {video_name: string, masklet_name: string | null, masklet_color: number | null}} ListedThread
 *
 * @typedef {{text: string, masklet?: number, first_frame?: number, last_frame?: number, x0?: number, y0?: number, x1?: number, y1?: number}} NewThread
 *
 * What the session's stream says, by its event's name.
 * @typedef {object} EventData
 * @property {Change} change
 * @property {{propagation: Propagation, masks: Mask[]}} masks
 * @property {Propagation} propagation
 * @property {Masklet} masklet
 * @property {Session} session
 * @property {{masklet: number, change: number, message: string}} click_failed
 * @property {Thread} thread
 * @property {{}} reset
 *
 * @typedef {{[K in keyof EventData]: {type: K, id: string, data: EventData[K]}}[keyof EventData]} SessionEvent
 *
 * @typedef {object} PropagationRequest
 * @property {{id: number, base_version: number}[]} masklets
 * @property {number} start_frame
 * @property {Direction} direction
 * @property {number} [first_frame]
 * @property {number} [last_frame]
 * @property {boolean} [whole]
 *
 * @typedef {object} VerdictRequest
 * @property {VerdictKind} verdict
 * @property {string} [comment]
 * @property {ReviewMark[]} marks
 * @property {number} base_version
 *
 * @typedef {object} ReviewItem
 * @property {number} task
 * @property {"verify" | "audit" | "decide"} kind
 * @property {TaskState} state
 * @property {number} priority
 * @property {Masklet} masklet
 * @property {Video} video
 * @property {string} submitted_at
 * @property {string} waiting_since
 * @property {number | null} suspicion
 * @property {boolean} own_work
 * @property {{username: string, until: string | null} | null} held_by
 * @typedef {{next_video: Video | null}} Work
 *
 * @typedef {"select" | "track" | "refine" | "verify" | "audit" | "decide" | "exhaust"} TaskKind
 * @typedef {"waiting" | "claimed" | "on_hold" | "done" | "cancelled"} TaskState
 *
 * @typedef {object} Task
 * @property {number} id
 * @property {string} project
 * @property {TaskKind} kind
 * @property {TaskState} state
 * @property {"training" | "production"} queue
 * @property {number} priority
 * @property {string} skill
 * @property {{id: number, name: string, frame_count: number, annotated_count: number, stride: number}} video
 * @property {{id: number, name: string, number: number, color: number, state: MaskletState, type: "manual" | "auto", version: number} | null} masklet
 * @property {string | null} holder Username.
 * @property {string | null} for_user Username.
 * @property {number | null} session The holder's open one.
 * @property {string} outcome
 * @property {string} note What others say to whoever does it.
 * @property {string} answer_note Of exhaust: what its holder said with the answer.
 * @property {string} held_because What its holder said when they put it on hold.
 * @property {string} created_at
 * @property {string} waiting_since
 * @property {string | null} claimed_at
 * @property {string | null} done_at
 *
 * @typedef {{kind: TaskKind, waiting: number, oldest: string | null}} TaskQueue
 * others: how many wait for other people, where none waits for this one.
 * @typedef {{queue: "training" | "production", queues: TaskQueue[], held: Task[], others: number | null}} MyTasks
 *
 * A task for who steers the queue. skips: how many people skipped it and are not offered it again; skip_reasons:
 * what these said.
 * @typedef {Task & {skips: number, skip_reasons: {user: string, reason: string, at: string}[]}} SteeredTask
 *
 * What a manager asks for: select and exhaust on a video, track and audit on a masklet.
 * @typedef {{kind: TaskKind, video?: number, masklet?: number, priority?: number, skill?: string, note?: string}} NewTask
 *
 * A model of people's verdicts. confusion: verdicts, by who found the masklet satisfactory, the model from the threshold on.
 * @typedef {object} VerifierModel
 * @property {number} id
 * @property {string} trained_by Username.
 * @property {string} created_at
 * @property {"queued" | "training" | "done" | "failed"} state
 * @property {string} error Why it failed, in words.
 * @property {{names: string[], coefficients: number[]}} weights Empty until it is done, as the report.
 * @property {VerifierReport} report
 * @property {boolean} has_cases Whether the verdicts behind the report can be listed.
 *
 * @typedef {object} VerifierReport
 * @property {number} verdicts
 * @property {number} satisfactory
 * @property {number} folds
 * @property {number} brier
 * @property {number} brier_of_the_share
 * @property {{from: number, to: number, predicted: number, observed: number, count: number}[]} calibration
 * @property {{threshold: number, both: number, model_only: number, people_only: number, neither: number}[]} confusion
 *
 * @typedef {object} ExportProblem
 * @property {string} level
 * @property {string} code
 * @property {string} file
 * @property {string} message
 *
 * @typedef {object} Export
 * @property {number} id
 * @property {string} format
 * @property {"queued" | "running" | "done" | "failed"} state
 * @property {number} videos_done
 * @property {number} videos_total
 * @property {number} masklets
 * @property {number} masks
 * @property {ExportProblem[]} problems
 * @property {string | null} error
 * @property {string | null} requested_by Username.
 * @property {string} created_at
 * @property {string | null} finished_at
 * @property {number | null} bytes
 * @property {{download: string}} urls
 */

/**
 * @template T
 * @typedef {{count: number, next: string | null, previous: string | null, results: T[]}} Page
 */

export {};
