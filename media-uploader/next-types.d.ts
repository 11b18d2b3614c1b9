// What Next says of its pages and of imported pictures; its own next-env.d.ts is made anew by every start and build.
/// <reference types="next" />
/// <reference types="next/image-types/global" />
