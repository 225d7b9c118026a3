/* The authorization matrix of the whole portal on PostgreSQL. */
import { authorizationMatrix } from '../lib/authorization-suite.mjs';

authorizationMatrix('postgresql');
