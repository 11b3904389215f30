/** Why the demo cannot go on, in one sentence for whoever watches. */
export class DemoFailure extends Error {
  override readonly name = 'DemoFailure';
}
