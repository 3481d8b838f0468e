/** Numbers and times as people read them. */

const BYTE_UNITS = ["B", "kB", "MB", "GB", "TB"];

/**
 * @param {number} bytes
 * @returns {string} decimal units, as file managers and disks count
 */
export function formatBytes(bytes) {
  let unit = 0;
  let value = bytes;
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value.toFixed(unit > 0 && value < 10 ? 1 : 0)} ${BYTE_UNITS[unit]}`;
}

/**
 * @param {number} seconds
 * @returns {string} a clip's length: `0:07`, `12:40`, `1:02:03`
 */
export function formatDuration(seconds) {
  const whole = Math.round(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  if (parts[0] === 0) parts.shift();
  return parts.map((part, i) => (i === 0 ? String(part) : String(part).padStart(2, "0"))).join(":");
}

/**
 * @param {number} seconds
 * @returns {string} a wait: `8 s`, `3 min`, `2 h 5 min`
 */
export function formatWait(seconds) {
  if (seconds < 60) return `${Math.max(1, Math.ceil(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/**
 * @param {number} count
 * @param {string} one
 * @param {string} [many]
 * @returns {string} `1 video`, `1,204 videos`
 */
export function formatCount(count, one, many = `${one}s`) {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

const AGO = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
/** @type {[Intl.RelativeTimeFormatUnit, number][]} */
const AGO_UNITS = [["day", 86400], ["hour", 3600], ["minute", 60]];
const AGO_LIMIT = 14 * 86400; // s; older moments are dates

/**
 * @param {string} moment ISO 8601
 * @returns {string} `3 minutes ago`, or the date
 */
export function formatAgo(moment) {
  const then = new Date(moment);
  const seconds = (then.getTime() - Date.now()) / 1000;
  if (Math.abs(seconds) > AGO_LIMIT) return then.toLocaleDateString("en", { day: "numeric", month: "short", year: "numeric" });
  for (const [unit, size] of AGO_UNITS) {
    if (Math.abs(seconds) >= size) return AGO.format(Math.trunc(seconds / size), unit);
  }
  return "just now";
}
