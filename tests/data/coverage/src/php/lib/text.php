<?php

function euros(int $cents): string
{
    if ($cents < 0) {
        return '-' . euros(-$cents);
    }
    return sprintf('%d.%02d', intdiv($cents, 100), $cents % 100);
}

function stars(int $n): string
{
    return str_repeat('*', $n);
}
