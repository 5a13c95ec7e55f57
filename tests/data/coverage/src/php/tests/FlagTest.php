<?php

use PHPUnit\Framework\TestCase;
use Shop\Flag;

require_once __DIR__ . '/../lib/Flag.php';

final class FlagTest extends TestCase
{
    public function testAFlagIsUpWhenRaised(): void
    {
        $flag = new Flag();
        $flag->raise();
        $this->assertTrue($flag->isUp());
    }
}
