require 'simplecov'

SimpleCov.start do
  enable_coverage :branch
  command_name ARGV.first
  formatter SimpleCov::Formatter::SimpleFormatter
  track_files 'lib/**/*.rb'
  coverage_dir ENV.fetch('OUT')
end

require_relative 'lib/till'

till = Till.new.put(50).put(200)
if ARGV.first == 'change'
  require_relative 'lib/idle'
  raise unless till.change(400) == [100, 50] && till.change(10).nil?
else
  raise unless till.sum == 250 && till.in(:usd) == 230 && !till.rich?
end
