<?php

namespace Shop;

class Flag
{
    private bool $up = false;

    public function raise(): void { $this->up = true; }
    public function lower(): void { $this->up = false; }

    public function isUp(): bool
    {
        return $this->up;
    }

    public function toggle(): void { $this->up = !$this->up; }
}
