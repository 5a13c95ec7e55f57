<?php

namespace Shop;

/** An amount of money with tax. */
class Price
{
    private const RATES = ['food' => 7, 'other' => 19];

    public function __construct(private int $cents, private string $kind) {}

    public function tax(): int
    {
        if (!isset(self::RATES[$this->kind])) {
            return 0;
        }
        return intdiv(
            $this->cents * self::RATES[$this->kind],
            100
        );
    }

    public function total(): int
    {
        return $this->cents + $this->tax();
    }

    public function isFree(): bool
    {
        return $this->cents === 0 && $this->tax() === 0;
    }

    public function half(): Price
    {
        $half = intdiv($this->cents, 2);

        return new Price($half, $this->kind);
    }
}
