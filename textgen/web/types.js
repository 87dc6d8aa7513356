// What goes between server and page, as textgen/service/wire.py has it; the tests hold the two to one
// another. Nothing here runs.

/**
 * Which text is asked for.
 * @typedef {object} Question
 * @property {string} model
 * @property {string} epoch - of the snapshot that writes, or "best" or "last"
 * @property {string} seed_text - as it was typed; empty for a prompt of the model's
 * @property {number} length - new characters
 * @property {number} temperature - 0 for greedy
 * @property {number} top_k - 0 for all
 * @property {number} top_p - 1 for all
 * @property {number} min_p - 0 for all
 * @property {number} no_repeat_ngram_size - 0 for none
 * @property {number} seed
 */

/**
 * What one snapshot wrote.
 * @typedef {object} Continuation
 * @property {string} text - the new characters, as far as they are there
 * @property {number | null} known_words - share, once the text is whole; null where it is unknown
 */

/**
 * The answer to a question: the same prompt continued by one snapshot, or by several.
 * @typedef {object} Passage
 * @property {Question} question
 * @property {string} link - the query of a link to it, without the epoch
 * @property {string} title
 * @property {string} prompt - what is continued
 * @property {string} notes - what was changed in the seed text
 * @property {Object<string, Continuation>} texts - by training step
 */

/**
 * A passage on its way to the page.
 * @typedef {Passage & {request_id: number, run?: number, start?: number}} Answer
 * `request_id` is that of the question; with a `run`, a new one starts to appear character by
 * character, from `start`.
 */

/**
 * A snapshot as the learning curve shows it.
 * @typedef {object} SnapshotSummary
 * @property {number} step
 * @property {string} label - its epoch
 * @property {string} description
 * @property {number} bits - validation loss, bits per character
 * @property {boolean} best
 */

/**
 * What is written at one temperature.
 * @typedef {object} TemperatureText
 * @property {number} temperature
 * @property {string} text
 * @property {number[]} percent - the probability of each of `Temperatures.characters`
 * @property {number} others - of all other characters together
 */

/**
 * One prompt continued at several temperatures.
 * @typedef {object} Temperatures
 * @property {string} prompt
 * @property {string[]} characters - the most probable next ones, best first
 * @property {TemperatureText[]} temperatures
 */

/**
 * How surprising each character of a text is to a snapshot. Places count code points.
 * @typedef {object} Surprise
 * @property {string} text
 * @property {boolean} typed - whether a user wrote it
 * @property {number} prompt_length
 * @property {(number | null)[]} bits
 * @property {([string, number[]] | null)[]} alternatives
 * @property {number} run - characters of the shortest run that counts as copied
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
 * Code that writes what the page shows, elsewhere.
 * @typedef {object} Snippet
 * @property {string} title
 * @property {string} language - "python" or "bash"
 * @property {string} code
 */

/**
 * What somebody needs who takes a model elsewhere.
 * @typedef {object} Reuse
 * @property {[string, string][]} facts
 * @property {[string, string][]} links
 * @property {string[]} limits
 * @property {Snippet[]} snippets
 */
