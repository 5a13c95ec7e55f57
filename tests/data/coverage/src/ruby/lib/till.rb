# A till that counts coins.
class Till
  RATES = { eur: 100, usd: 92 }.freeze

  def initialize
    @coins = []
  end

  def put(coin)
    raise ArgumentError, 'no coin' unless coin.positive?

    @coins << coin
    self
  end

  def sum
    total = 0
    @coins.each { |coin| total += coin }
    total
  end

  def change(paid)
    left = paid - sum
    if left.negative?
      nil
    elsif left.zero?
      []
    else
      [200, 100, 50].flat_map { |coin| [coin] * (left / coin).tap { left %= coin } }
    end
  end

  def in(rate)
    case rate
    when :eur then sum
    when :usd
      sum * RATES[:usd] / 100
    else 0
    end
  end

  def empty? = @coins.empty?

  # :nocov:
  def inspect
    "#<Till #{sum}>"
  end
  # :nocov:

  def rich?(limit = 1000)
    over = sum > limit ? true : false
    over && !empty?
  end

  def drain
    @coins.pop while @coins.any?
    nil
  end
end
