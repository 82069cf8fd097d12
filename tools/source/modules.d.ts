/** Its package says where it is, but not of what type. */
declare module "highlight.js/lib/core" {
  import type { HLJSApi } from "highlight.js";
  const api: HLJSApi;
  export default api;
}
