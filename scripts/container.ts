// node scripts/container.ts <script.ts> [arguments]: the program of a container, with the secrets that the containers
// of a stack share in DATA_DIR where the environment brings none.
import { secretSettings, secrets } from './launch/secrets.ts';

const shared = secretSettings(secrets(process.env.DATA_DIR ?? '.data'));
/** Compose passes a variable that is not set as an empty one. */
const given = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value));
// In this process's place, so that the program itself gets the container's signals.
process.execve!(process.execPath, [process.execPath, ...process.execArgv, ...process.argv.slice(2)], {
  ...shared,
  ...given,
});
