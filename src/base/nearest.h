/*
 * The nearest of some known names to a word that is none of them, for messages: commands, options, modules.
 */
#ifndef TM_BASE_NEAREST_H
#define TM_BASE_NEAREST_H

#include "base/base.h"

/*
 * The nearest of `names` (ended by NULL) to word by edit distance with swaps of neighbours; the
 * first on a tie. NULL when none is near. Words and names over 64 bytes are near to nothing.
 */
const char *tm_nearest(const char *word, const char *const *names);

#endif
