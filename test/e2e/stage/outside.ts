export { type Outside, outside, type System } from '../../../scripts/stage/outside.ts';
