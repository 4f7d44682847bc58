/** Used by the checker and the plugin alike: plain Svelte with TypeScript in `lang="ts"`. */
export default { compilerOptions: { runes: true } };
