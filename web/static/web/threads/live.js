/** Keeps a comments panel current on a page that has no other use for its session's events. */

/** @import {SessionApi} from "../api.js" */
/** @import {Threads} from "../threads.js" */
import { EventStream } from "../events.js";

const AGAIN = 3000; // ms, after the session was taken up anew

/** @param {() => SessionApi} session The one that is held now. @param {string} lastEventId @param {Threads} threads @returns {() => void} ends it */
export function followThreads(session, lastEventId, threads) {
  let ended = false;
  /** @type {EventStream | null} */
  let stream = null;
  const follow = (/** @type {string} */ after) => {
    if (ended) return;
    stream = new EventStream(session().eventsUrl, after, {
      event: (event) => {
        if (event.type === "thread") threads.take(event.data);
        if (event.type === "reset") void threads.load();
      },
      connection: () => undefined,
      refused: (status) => {
        if (status === 409) setTimeout(() => void threads.load().then(() => follow("0-0")), AGAIN);
      },
    });
  };
  follow(lastEventId);
  return () => {
    ended = true;
    stream?.stop();
  };
}
