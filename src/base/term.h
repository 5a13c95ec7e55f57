/*
 * What the terminal can do: colour, width. Decided once, in main.
 */
#ifndef TM_BASE_TERM_H
#define TM_BASE_TERM_H

#include <stdio.h>

#include "base/base.h"

enum tm_color { TM_COLOR_AUTO, TM_COLOR_ALWAYS, TM_COLOR_NEVER };

/* True when colour is to be used on stream: asked for, or auto on a terminal without NO_COLOR or TERM=dumb.
 */
bool tm_term_color(FILE *stream, enum tm_color choice);

/* True when stream is a terminal that can redraw a line. */
bool tm_term_is_live(FILE *stream);

/* Columns of the terminal behind stream, COLUMNS, or 80. */
unsigned tm_term_width(FILE *stream);

#endif
