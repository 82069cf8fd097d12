/**
 * Where the addon for a system may be, in iomux's folder: the one that was compiled there, then those in
 * the package. The first that loads is right. On Linux, what is for musl needs a library libc.so, which
 * glibc does not have; but musl takes itself for the libc.so.6 that what is for glibc needs.
 */
export function addon_files({
  platform,
  arch,
}: { readonly platform: string; readonly arch: string } = process): readonly string[] {
  const prebuilt = `prebuilds/${platform}-${arch}/iomux`;
  const kinds = platform === "linux" ? [".musl", ".glibc"] : [""];
  return ["build/Release/iomux.node", ...kinds.map((kind) => `${prebuilt}${kind}.node`)];
}
