/** Where this package is. */
import { fileURLToPath } from "node:url";

/** Its folder, with a slash at the end: two above tools/record/, as above dist/tools/, where the bundle is. */
export const PACKAGE: string = fileURLToPath(new URL("../../", import.meta.url));
