# Loaded, and never asked for anything.
module Idle
  def self.wait(seconds)
    sleep(seconds) if seconds > 0
  end
end
