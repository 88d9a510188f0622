import { z } from 'zod';

// Zod compiles its checks with `new Function` where it may; the content security policy forbids that.
z.config({ jitless: true });
