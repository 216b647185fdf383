/** Property tests whose seed is printed, so that any run can be repeated: `PROPERTY_SEED=… npx vitest run …`. */
export function seeded(numRuns: number): { seed: number; numRuns: number } {
  const given = Number(process.env.PROPERTY_SEED);
  const seed = Number.isInteger(given) && given !== 0 ? given : Math.floor(Math.random() * 2 ** 31);
  console.log(`seed ${seed}, ${numRuns} runs`);
  return { seed, numRuns };
}
