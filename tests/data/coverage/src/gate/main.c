int gate(int a, int b);

int main(void)
{
    if (gate(1, 0))
        return 1;
    return 0;
}
