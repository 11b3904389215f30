// npm start: the platform until Ctrl-C, SIGTERM or the end of the launcher.
import { serve } from './launch/serve.ts';

await serve({ env: process.env });
