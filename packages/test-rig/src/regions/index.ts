export { countAnswers, type CountedLoad } from './count-answers.ts';
export { startRegions, type Region } from './start-regions.ts';
