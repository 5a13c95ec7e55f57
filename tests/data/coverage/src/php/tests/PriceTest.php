<?php

use PHPUnit\Framework\TestCase;
use Shop\Price;

require_once __DIR__ . '/../lib/Price.php';
require_once __DIR__ . '/../lib/text.php';

final class PriceTest extends TestCase
{
    public function testFoodHasItsRate(): void
    {
        $this->assertSame(107, (new Price(100, 'food'))->total());
    }

    public function testOtherThingsHaveAnother(): void
    {
        $this->assertSame(19, (new Price(100, 'other'))->tax());
    }

    public function testAPriceIsWrittenInEuros(): void
    {
        $this->assertSame('1.07', euros(107));
        $this->assertFalse((new Price(1, 'food'))->isFree());
    }
}
