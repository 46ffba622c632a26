// Inputs of property tests: made up, and the same in every run.

/** Numbers that look random: each call gives the next, from zero to below what it is given. @param {number} seed */
export function numbers(seed) {
  let state = seed;
  return (/** @type {number} */ below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
