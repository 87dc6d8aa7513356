// The types of the JSON between server and page. textgen/service/wire.py declares the same types, and
// a test compares the two. Nothing here runs.

/**
 * A request for a text.
 * @typedef {object} Question
 * @property {string} model
 * @property {string} epoch - of the snapshot, or "best" or "last"
 * @property {string} seed_text - the prompt as it was typed; empty for one of the model's own
 * @property {number} length - new characters
 * @property {number} temperature - 0 for greedy
 * @property {number} top_k - 0 = off
 * @property {number} top_p - 1 = off
 * @property {number} min_p - 0 = off
 * @property {number} no_repeat_ngram_size - 0 = off
 * @property {number} seed
 */

/**
 * The text of one snapshot.
 * @typedef {object} Continuation
 * @property {string} text - the new characters written so far
 * @property {number | null} known_words - share, 0 to 1; null until the text is finished, or without an index
 */

/**
 * The answer to a question: the same prompt continued by one snapshot, or by several.
 * @typedef {object} Passage
 * @property {Question} question
 * @property {string} link - the query of a link to it, without the epoch
 * @property {string} title
 * @property {string} prompt - the prompt that was continued
 * @property {string} notes - how the prompt differs from seed_text
 * @property {Object<string, Continuation>} texts - by training step
 */

/**
 * A passage as the page receives it.
 * @typedef {Passage & {request_id: number, run?: number, start?: number}} Answer
 * `request_id` names the request. If `run` is new, the text appears character by character,
 * beginning at `start`.
 */

/**
 * A snapshot as the learning curve shows it.
 * @typedef {object} SnapshotSummary
 * @property {number} step
 * @property {string} label - its epoch
 * @property {string} description
 * @property {number} bits - validation loss, bits per character
 * @property {boolean} best
 * @property {number} beaten - how many of `Curve.rungs` it beats; those are the first ones
 * @property {string} standing - which counting models it beats, in words; may be empty
 * @property {[number, number][]} context - a number of earlier characters, and the loss with only these
 * @property {string} context_words - how far back it looks; may be empty
 */

/**
 * A counting model on the learning curve.
 * @typedef {object} Rung
 * @property {number} order - the length of the longest sequence that it counts
 * @property {string} name
 * @property {string} title - a heading for its sample
 * @property {number} bits - validation loss, bits per character
 * @property {string} sample - what it wrote after `Curve.sample_prompt`
 */

/**
 * The learning curve of a model.
 * @typedef {object} Curve
 * @property {SnapshotSummary[]} snapshots
 * @property {number} guessing - the cost of a random guess, bits per character
 * @property {Rung[]} rungs - each better than the one before; may be empty
 * @property {string} sample_prompt
 */

/**
 * The text at one temperature.
 * @typedef {object} TemperatureText
 * @property {number} temperature
 * @property {string} text
 * @property {number[]} percent - the probability of each of `Temperatures.characters`
 * @property {number} others - the probability of all other characters, in percent
 */

/**
 * One prompt continued at several temperatures.
 * @typedef {object} Temperatures
 * @property {string} prompt
 * @property {string[]} characters - the most likely next characters, best first
 * @property {TemperatureText[]} temperatures
 */

/**
 * How surprising each character of a text is to a snapshot. Positions count code points.
 * @typedef {object} Surprise
 * @property {string} text
 * @property {boolean} typed - whether a user wrote it
 * @property {number} prompt_length
 * @property {(number | null)[]} bits
 * @property {([string, number[]] | null)[]} alternatives
 * @property {number} run - the shortest run that counts as copied, in characters
 * @property {[number, number][] | null} copied
 * @property {[number, number] | null} longest
 * @property {number | null} copied_share
 * @property {number} bits_per_char
 * @property {number} held_out_bits
 * @property {number} random_bits
 * @property {number} symbols
 * @property {string[]} notes
 */

/**
 * Code that writes the page's text elsewhere.
 * @typedef {object} Snippet
 * @property {string} title
 * @property {string} language - "python" or "bash"
 * @property {string} code
 */

/**
 * What people need to use a model elsewhere.
 * @typedef {object} Reuse
 * @property {[string, string][]} facts
 * @property {[string, string][]} links
 * @property {string[]} limits
 * @property {Snippet[]} snippets
 */
